package blob

import (
	"parallax/engine"
	"parallax/engine/wire"
)

// List asks for the names that begin with Prefix and are greater than After.
//
//	request 8 | prefix 4+n | after 4+n | limit 4
type List struct {
	Request uint64
	Prefix  string
	After   string
	Limit   int32 // 0 and more than ListMax mean ListMax
}

// Kind is the message's kind.
func (List) Kind() engine.Kind { return kindList }

// AppendTo encodes the message.
func (m List) AppendTo(b []byte) []byte {
	b = wire.AppendText(wire.AppendText(wire.Order.AppendUint64(b, m.Request), m.Prefix), m.After)
	return wire.Order.AppendUint32(b, uint32(m.Limit))
}

// Listed answers List: names ascending, as they all were at one moment. More says
// that there are others behind the last.
//
//	request 8 | code 1 | more 1 | entries 4, each: name 4+n, info 24
type Listed struct {
	Request uint64
	Code    Code
	More    bool
	Entries []Entry
}

// Entry is a name and what it stands for.
type Entry struct {
	Name string
	Info Info
}

// Kind is the message's kind.
func (Listed) Kind() engine.Kind { return kindListed }

// AppendTo encodes the message.
func (m Listed) AppendTo(b []byte) []byte {
	b = append(wire.Order.AppendUint64(b, m.Request), byte(m.Code))
	b = wire.Order.AppendUint32(wire.AppendBool(b, m.More), uint32(len(m.Entries)))
	for _, e := range m.Entries {
		b = e.Info.appendTo(wire.AppendText(b, e.Name))
	}
	return b
}

func decodeListed(r *wire.Reader) engine.Message {
	const entryBytesMin = 28
	m := Listed{Request: r.U64(), Code: decodeCode(r), More: r.Bool()}
	n := r.Count(entryBytesMin)
	m.Entries = make([]Entry, 0, n)
	for range n {
		m.Entries = append(m.Entries, Entry{Name: r.Text(), Info: decodeInfo(r)})
	}
	return m
}
