package blob

import (
	"parallax/engine"
	"parallax/engine/wire"
)

// What a Put or Delete expects of a name, other than a version.
const (
	Absent uint64 = 0
	Any    uint64 = 1<<64 - 1
)

// Put writes an object if the name is as expected.
//
//	request 8 | name 4+n | expect 8 | data 4+n
type Put struct {
	Request uint64
	Name    string
	Expect  uint64 // a version, Absent or Any
	Data    []byte
}

// Kind is the message's kind.
func (Put) Kind() engine.Kind { return kindPut }

// AppendTo encodes the message.
func (m Put) AppendTo(b []byte) []byte {
	b = wire.AppendText(wire.Order.AppendUint64(b, m.Request), m.Name)
	return wire.AppendBytes(wire.Order.AppendUint64(b, m.Expect), m.Data)
}

// Delete removes an object if the name is as expected; expecting Absent, it does
// nothing.
//
//	request 8 | name 4+n | expect 8
type Delete struct {
	Request uint64
	Name    string
	Expect  uint64
}

// Kind is the message's kind.
func (Delete) Kind() engine.Kind { return kindDelete }

// AppendTo encodes the message.
func (m Delete) AppendTo(b []byte) []byte {
	return wire.Order.AppendUint64(wire.AppendText(wire.Order.AppendUint64(b, m.Request), m.Name), m.Expect)
}

// Done answers Put and Delete with what is there now.
//
//	request 8 | code 1 | info 24
type Done struct {
	Request uint64
	Code    Code
	Info    Info
}

// Kind is the message's kind.
func (Done) Kind() engine.Kind { return kindDone }

// AppendTo encodes the message.
func (m Done) AppendTo(b []byte) []byte {
	return m.Info.appendTo(append(wire.Order.AppendUint64(b, m.Request), byte(m.Code)))
}

// GoodName tells whether a name is one: 1 to NameBytesMax bytes of printable ASCII.
func GoodName(name string) bool {
	if name == "" || len(name) > NameBytesMax {
		return false
	}
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' {
			return false
		}
	}
	return true
}
