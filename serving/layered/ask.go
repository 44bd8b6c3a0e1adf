package layered

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
	"parallax/serving"
)

// The kinds of the messages.
const (
	kindAsk engine.Kind = 160 + iota
	kindTold
)

// ErrMessage is returned by Decode for bytes that are no message.
var ErrMessage = errors.New("layered: not a message")

// Decode reads a message of this package. Its slices alias b.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	r := &wire.Reader{Rest: b}
	var m engine.Message
	var err error
	switch k {
	case kindAsk:
		m, err = decodeAsk(r)
	case kindTold:
		m, err = decodeTold(r)
	default:
		err = fmt.Errorf("%w: kind %d", ErrMessage, k)
	}
	if err != nil {
		return nil, err
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", ErrMessage, k, err)
	}
	return m, nil
}

// Ask is a query to one of several servers. What the client has seen already stands in
// it: a server that is behind that says so, so that no client ever goes back.
//
//	query 4+n | view 8 | at least 4, each: offset 8, frontier 8
type Ask struct {
	serving.Query
	View    uint64         // the greatest view that an answer came from
	AtLeast []protocol.Cut // the greatest cut of an answer; empty: any
}

// Kind is the message's kind.
func (m Ask) Kind() engine.Kind { return kindAsk }

// AppendTo encodes the message.
func (m Ask) AppendTo(b []byte) []byte {
	b = wire.AppendBytes(b, m.Query.AppendTo(nil))
	return appendCuts(wire.Order.AppendUint64(b, m.View), m.AtLeast)
}

func decodeAsk(r *wire.Reader) (m Ask, err error) {
	inner, err := serving.Decode(serving.Query{}.Kind(), r.Bytes())
	if err != nil {
		return m, err
	}
	m.Query, _ = inner.(serving.Query)
	m.View, m.AtLeast = r.U64(), decodeCuts(r)
	return m, nil
}

// Told answers Ask from one state of a server: a batch view and the speed layer's rows
// behind the view's cut, added. It says everything that a reader needs to know to judge
// it.
//
//	answer 4+n | behind 1 | view 8 | batch cut 4, each: offset 8, frontier 8 |
//	code 4+n | complete 1 | staleness 8 | counted 8 | missing 8
type Told struct {
	serving.Answer
	Behind   bool           // the server has not come as far as the client: it says nothing
	View     uint64         // the batch view's number; 0: none is published
	BatchCut []protocol.Cut // up to which rows are from the batch view; empty: none is published
	Code     string         // version of the code that made that
	Complete bool           // dropped pairs below BatchCut count
	// Staleness is how long ago, in ns, the server asked last for a log of which it then
	// saw the end, of the partition where that is the longest: rows that came to the
	// log since then may be missing. Less than 0: it has not seen the end yet.
	Staleness int64
	// Counted is how many (row, window) pairs are in the rows of this answer, and Missing
	// how many of those windows were dropped. Of a job that is replayed, they are all pairs
	// below the cut.
	Counted, Missing int64
}

// Kind is the message's kind.
func (m Told) Kind() engine.Kind { return kindTold }

// AppendTo encodes the message.
func (m Told) AppendTo(b []byte) []byte {
	b = wire.AppendBool(wire.AppendBytes(b, m.Answer.AppendTo(nil)), m.Behind)
	b = appendCuts(wire.Order.AppendUint64(b, m.View), m.BatchCut)
	b = wire.AppendBool(wire.AppendText(b, m.Code), m.Complete)
	for _, v := range [...]int64{m.Staleness, m.Counted, m.Missing} {
		b = wire.Order.AppendUint64(b, uint64(v))
	}
	return b
}

func decodeTold(r *wire.Reader) (m Told, err error) {
	inner, err := serving.Decode(serving.Answer{}.Kind(), r.Bytes())
	if err != nil {
		return m, err
	}
	m.Answer, _ = inner.(serving.Answer)
	m.Behind, m.View, m.BatchCut, m.Code, m.Complete = r.Bool(), r.U64(), decodeCuts(r), r.Text(), r.Bool()
	m.Staleness, m.Counted, m.Missing = r.I64(), r.I64(), r.I64()
	return m, nil
}

// Completeness is the share of the pairs of the windows shown that count, in
// millionths.
func (m *Told) Completeness() int64 {
	const millionths = 1_000_000
	if m.Missing == 0 {
		return millionths
	}
	return m.Counted * millionths / (m.Counted + m.Missing)
}

func appendCuts(b []byte, cuts []protocol.Cut) []byte {
	b = wire.Order.AppendUint32(b, uint32(len(cuts)))
	for _, c := range cuts {
		b = wire.Order.AppendUint64(wire.Order.AppendUint64(b, uint64(c.Offset)), uint64(c.Frontier))
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

// Place is where a page of rows ended: what Query.After and Answer.Next hold.
//
//	start 8, high byte first, its sign bit flipped | key
type Place struct {
	Start int64
	Key   []byte
}

// AppendTo encodes the place.
func (p Place) AppendTo(b []byte) []byte {
	u := uint64(p.Start) ^ 1<<63
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(u>>shift))
	}
	return append(b, p.Key...)
}

// DecodePlace reads a place; ok is false if there is none.
func DecodePlace(b []byte) (p Place, ok bool) {
	if len(b) < 8 {
		return p, false
	}
	u := uint64(0)
	for _, x := range b[:8] {
		u = u<<8 | uint64(x)
	}
	return Place{int64(u ^ 1<<63), b[8:]}, true
}
