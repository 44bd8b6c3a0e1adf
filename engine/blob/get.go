package blob

import (
	"parallax/engine"
	"parallax/engine/wire"
)

// Get reads an object, or a part of it.
//
//	request 8 | name 4+n | offset 8 | length 8
type Get struct {
	Request uint64
	Name    string
	Offset  int64
	Length  int64 // bytes; negative: to the end. 0 asks for the Info alone
}

// Kind is the message's kind.
func (Get) Kind() engine.Kind { return kindGet }

// AppendTo encodes the message.
func (m Get) AppendTo(b []byte) []byte {
	b = wire.AppendText(wire.Order.AppendUint64(b, m.Request), m.Name)
	return wire.Order.AppendUint64(wire.Order.AppendUint64(b, uint64(m.Offset)), uint64(m.Length))
}

// Got answers Get. Data is what lies in the object from Offset on, and shorter than
// asked for if the object ends before.
//
//	request 8 | code 1 | info 24 | data 4+n
type Got struct {
	Request uint64
	Code    Code
	Info    Info
	Data    []byte
}

// Kind is the message's kind.
func (Got) Kind() engine.Kind { return kindGot }

// AppendTo encodes the message.
func (m Got) AppendTo(b []byte) []byte {
	return wire.AppendBytes(m.Info.appendTo(append(wire.Order.AppendUint64(b, m.Request), byte(m.Code))), m.Data)
}
