package serving

import (
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/flow/tuple"
	"parallax/engine/wire"
)

// Query asks for the windows that begin in [From, To), of one key or of all, from
// behind After on, at most Limit of them.
//
//	request 8 | point 1 | key 4+n | from 8 | to 8 | after 4+n | limit 4
type Query struct {
	Request  uint64
	Point    bool   // only the windows of Key
	Key      []byte // as AppendKey encodes it
	From, To int64  // microseconds
	After    []byte // the Next of the answer before, or empty
	Limit    int32  // 0 means QueryRowsMax, which is the most
}

// QueryRowsMax is the most rows of one answer.
const QueryRowsMax = 4096

// Kind is the message's kind.
func (m Query) Kind() engine.Kind { return kindQuery }

// AppendTo encodes the message.
func (m Query) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = wire.AppendBytes(wire.AppendBool(b, m.Point), m.Key)
	b = wire.Order.AppendUint64(b, uint64(m.From))
	b = wire.Order.AppendUint64(b, uint64(m.To))
	b = wire.AppendBytes(b, m.After)
	return wire.Order.AppendUint32(b, uint32(m.Limit))
}

func decodeQuery(r *wire.Reader) engine.Message {
	return Query{
		Request: r.U64(), Point: r.Bool(), Key: r.Bytes(), From: r.I64(), To: r.I64(), After: r.Bytes(), Limit: r.I32(),
	}
}

// Result is one finished row of an answer.
//
//	key 4+n | start 8 | end 8 | revision 1 | values 4+n, encoded like a key
type Result struct {
	Key        []byte
	Start, End int64
	Revision   bool
	Values     []byte
}

// Answer answers Query from one state of the view, whose cut and watermark it
// states. The rows are ascending by (start, key). Next is empty when there are no
// more; otherwise a query behind it goes on, perhaps at a later cut.
//
//	request 8 | cut 4, each: offset 8, frontier 8 | watermark 8 | next 4+n |
//	rows 4, each a result
type Answer struct {
	Request   uint64
	Cut       []protocol.Cut
	Watermark int64
	Next      []byte
	Rows      []Result
}

// Kind is the message's kind.
func (m Answer) Kind() engine.Kind { return kindAnswer }

// AppendTo encodes the message.
func (m Answer) AppendTo(b []byte) []byte {
	b = appendCuts(wire.Order.AppendUint64(b, m.Request), m.Cut)
	b = wire.Order.AppendUint64(b, uint64(m.Watermark))
	b = wire.AppendBytes(b, m.Next)
	b = wire.Order.AppendUint32(b, uint32(len(m.Rows)))
	for i := range m.Rows {
		w := &m.Rows[i]
		b = wire.AppendBytes(b, w.Key)
		b = wire.Order.AppendUint64(b, uint64(w.Start))
		b = wire.Order.AppendUint64(b, uint64(w.End))
		b = wire.AppendBytes(wire.AppendBool(b, w.Revision), w.Values)
	}
	return b
}

func decodeAnswer(r *wire.Reader) engine.Message {
	m := Answer{Request: r.U64(), Cut: decodeCuts(r), Watermark: r.I64(), Next: r.Bytes()}
	n := r.Count(rowBytesMin)
	m.Rows = make([]Result, 0, n)
	for range n {
		m.Rows = append(m.Rows, Result{Key: r.Bytes(), Start: r.I64(), End: r.I64(), Revision: r.Bool(), Values: r.Bytes()})
	}
	return m
}

// AppendKey encodes a tuple of values, which identifies a group, as package tuple does.
func AppendKey(b []byte, values ...column.Value) []byte { return tuple.Append(b, values...) }

// DecodeKey reads a tuple of the given types.
func DecodeKey(b []byte, types []column.Type) ([]column.Value, error) { return tuple.Decode(b, types) }
