package serving

import (
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// Row is what a pane says of one group key: it replaces what was said of the same
// key and window before.
//
//	key 4+n | start 8 | end 8 | revision 1 | accumulators 4+n
type Row struct {
	Key          []byte // as AppendKey encodes it
	Start, End   int64  // of the window, microseconds
	Revision     bool   // it holds rows that were late
	Accumulators []byte // canonical, of all functions in the job's order; empty: the row stands no more
}

func (r *Row) appendTo(b []byte) []byte {
	b = wire.AppendBytes(b, r.Key)
	b = wire.Order.AppendUint64(b, uint64(r.Start))
	b = wire.Order.AppendUint64(b, uint64(r.End))
	b = wire.AppendBool(b, r.Revision)
	return wire.AppendBytes(b, r.Accumulators)
}

func decodeRow(r *wire.Reader) Row {
	return Row{Key: r.Bytes(), Start: r.I64(), End: r.I64(), Revision: r.Bool(), Accumulators: r.Bytes()}
}

// rowBytesMin is the size of an empty row.
const rowBytesMin = 25

// Publish asks a view to advance from Lower to Upper. Epoch is that of the
// attempt: a later one fences its predecessors. Lower without cuts asks where the
// view stands, and fences them too: the answer stays true until the asker itself
// changes it.
//
// A span that is too long for one message comes in parts, which are alike but for
// their rows, one after the other as the view asks for them. It is applied with
// the last one.
//
//	request 8 | epoch 4 | part 4 | parts 4 | lower 4, each: offset 8, frontier 8 |
//	upper, likewise | watermark 8 | rows 4, each a row
type Publish struct {
	Request      uint64
	Epoch        uint32
	Part, Parts  uint32         // the part's number, from 0, and how many there are; 0 means 1
	Lower, Upper []protocol.Cut // by partition
	Watermark    int64          // of the job at Upper, microseconds
	Rows         []Row
}

// Kind is the message's kind.
func (m Publish) Kind() engine.Kind { return kindPublish }

// AppendTo encodes the message.
func (m Publish) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = wire.Order.AppendUint32(b, m.Epoch)
	b = wire.Order.AppendUint32(wire.Order.AppendUint32(b, m.Part), m.Parts)
	b = appendCuts(appendCuts(b, m.Lower), m.Upper)
	b = wire.Order.AppendUint64(b, uint64(m.Watermark))
	b = wire.Order.AppendUint32(b, uint32(len(m.Rows)))
	for i := range m.Rows {
		b = m.Rows[i].appendTo(b)
	}
	return b
}

func decodePublish(r *wire.Reader) engine.Message {
	m := Publish{
		Request: r.U64(), Epoch: r.U32(), Part: r.U32(), Parts: r.U32(),
		Lower: decodeCuts(r), Upper: decodeCuts(r), Watermark: r.I64(),
	}
	n := r.Count(rowBytesMin)
	m.Rows = make([]Row, 0, n)
	for range n {
		m.Rows = append(m.Rows, decodeRow(r))
	}
	return m
}

// Code is a view's answer to Publish.
type Code uint8

// The codes.
const (
	OK       Code = iota // the view stands at Upper, by this message or an earlier copy
	Mismatch             // it stands elsewhere
	Fenced               // a later attempt has published or asked
	Partial              // it wants part Next
)

// Published answers Publish with where the view stands.
//
//	request 8 | code 1 | next 4 | cut 4, each: offset 8, frontier 8
type Published struct {
	Request uint64
	Code    Code
	Next    uint32 // of Partial
	Cut     []protocol.Cut
}

// Kind is the message's kind.
func (m Published) Kind() engine.Kind { return kindPublished }

// staged is the parts of a span that have come so far.
type staged struct {
	request uint64
	next    uint32
	rows    []Row
}

// take adds a part and reports whether the span is complete. Nothing of a stage is
// durable: a view that has come back asks for all parts again.
func (s *staged) take(m *Publish) bool {
	if m.Request != s.request {
		*s = staged{request: m.Request}
	}
	if m.Part == s.next {
		s.rows = append(s.rows, m.Rows...)
		s.next++
	}
	return s.next >= m.Parts
}

// AppendTo encodes the message.
func (m Published) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	return appendCuts(wire.Order.AppendUint32(append(b, byte(m.Code)), m.Next), m.Cut)
}

func decodePublished(r *wire.Reader) engine.Message {
	return Published{Request: r.U64(), Code: Code(r.U8()), Next: r.U32(), Cut: decodeCuts(r)}
}

func appendCuts(b []byte, cuts []protocol.Cut) []byte {
	b = wire.Order.AppendUint32(b, uint32(len(cuts)))
	for _, c := range cuts {
		b = wire.Order.AppendUint64(b, uint64(c.Offset))
		b = wire.Order.AppendUint64(b, uint64(c.Frontier))
	}
	return b
}

func decodeCuts(r *wire.Reader) []protocol.Cut {
	n := r.Count(16)
	cuts := make([]protocol.Cut, 0, n)
	for range n {
		cuts = append(cuts, protocol.Cut{Offset: r.I64(), Frontier: r.I64()})
	}
	return cuts
}
