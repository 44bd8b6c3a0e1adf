package tail

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// Options say what is read, and where.
type Options struct {
	Topic      string
	Partitions int32
	Brokers    []engine.NodeID
	Holder     string // of the pins; "" pins nothing
	Credit     int32  // bytes that a fetch brings; 0 means 1 MiB
	Retry      int64  // ns; 0 means 700 ms
	Timers     uint64 // the first of as many timer keys as there are partitions
}

// Errors of reading. They are wrapped with the partition and the place.
var (
	ErrCompacted = errors.New("tail: the log begins later")
	ErrGap       = errors.New("tail: the log leaves something out")
)

// Tail is the place of a reader in all partitions.
type Tail struct {
	opts     Options
	places   []place
	requests uint64
}

type place struct {
	next    int64        // offset of what is fetched next
	pin     protocol.Cut // wanted
	pinned  int64        // offset; -1: nothing yet
	to      int          // the broker that is believed to lead
	request uint64       // under way, 0 if none
	sent    engine.Instant
	pins    bool           // the request is a pin
	held    bool           // nothing is fetched until it is let go
	seen    engine.Instant // when the fetch left that showed the partition's end; 0: not yet
}

// New is a tail from a cut on; requests are numbered from first on.
func New(o Options, from []protocol.Cut, first uint64) *Tail {
	if o.Credit == 0 {
		o.Credit = 1 << 20
	}
	if o.Retry == 0 {
		o.Retry = 700 * engine.Millisecond
	}
	t := &Tail{opts: o, places: make([]place, o.Partitions), requests: first}
	for i := range t.places {
		t.places[i] = place{next: from[i].Offset, pin: from[i], pinned: -1}
	}
	return t
}

// Start asks for the first batches.
func (t *Tail) Start(now engine.Instant, fx *engine.Effects) {
	for part := range t.places {
		t.More(now, int32(part), fx)
	}
}

// Next is the offset of what comes next in a partition.
func (t *Tail) Next(part int32) int64 { return t.places[part].next }

// Seen is when the latest fetch left whose answer showed a partition's end; ok is false
// if none has.
func (t *Tail) Seen(part int32) (at engine.Instant, ok bool) {
	return t.places[part].seen, t.places[part].seen != 0
}

// Pin moves the place from which a partition may have to be read again. It only goes
// forward, and is sent with the next request.
func (t *Tail) Pin(part int32, cut protocol.Cut) {
	if p := &t.places[part]; cut.Offset > p.pin.Offset {
		p.pin = cut
	}
}

// Hold says whether to stop asking for more of a partition.
func (t *Tail) Hold(part int32, held bool) { t.places[part].held = held }

// Skip goes on at a later offset of a partition, and takes no notice of what is under
// way; an earlier one is none.
func (t *Tail) Skip(part int32, to int64) {
	if p := &t.places[part]; to > p.next {
		p.next, p.request = to, 0
	}
}

// More asks for what comes next in a partition, unless something is under way.
func (t *Tail) More(now engine.Instant, part int32, fx *engine.Effects) {
	p := &t.places[part]
	pins := t.opts.Holder != "" && p.pinned < p.pin.Offset
	if p.request != 0 || p.held && !pins {
		return
	}
	t.requests++
	p.request, p.sent, p.pins = t.requests, now, pins
	id := protocol.PartitionID{Topic: t.opts.Topic, Number: part}
	if pins {
		fx.SendEager(t.opts.Brokers[p.to], protocol.Pin{Request: p.request, Partition: id, Holder: t.opts.Holder, Cut: p.pin})
	} else {
		fx.SendEager(t.opts.Brokers[p.to], protocol.Fetch{Request: p.request, Partition: id, Offset: p.next, Credit: t.opts.Credit})
	}
	fx.After(t.opts.Timers+uint64(part), t.opts.Retry, Again{partition: part, request: p.request})
}

// Again is the timer of a request.
//
//	partition 4 | request 8
type Again struct {
	partition int32
	request   uint64
}

// KindAgain is the timer's kind.
const KindAgain engine.Kind = 210

// Kind is the message's kind.
func (Again) Kind() engine.Kind { return KindAgain }

// AppendTo encodes the message.
func (m Again) AppendTo(b []byte) []byte {
	return wire.Order.AppendUint64(wire.Order.AppendUint32(b, uint32(m.partition)), m.request)
}

// DecodeAgain reads the timer.
func DecodeAgain(b []byte) (Again, error) {
	r := wire.Reader{Rest: b}
	m := Again{partition: r.I32(), request: r.U64()}
	return m, r.End()
}

// Again asks another broker: no answer, or none that helps, has come.
func (t *Tail) Again(now engine.Instant, m Again, fx *engine.Effects) {
	if int(m.partition) >= len(t.places) || t.places[m.partition].request != m.request {
		return
	}
	p := &t.places[m.partition]
	p.to, p.request = (p.to+1)%len(t.opts.Brokers), 0
	t.More(now, m.partition, fx)
}

// place is that of an answer to an open request, or nil.
func (t *Tail) place(id protocol.PartitionID, request uint64) *place {
	if id.Topic != t.opts.Topic || id.Number < 0 || int(id.Number) >= len(t.places) || request == 0 {
		return nil
	}
	if p := &t.places[id.Number]; p.request == request {
		return p
	}
	return nil
}

// redirect goes to the leader that an answer names; if it names none, the timer tries
// the next broker.
func (t *Tail) redirect(now engine.Instant, part int32, leader engine.NodeID, fx *engine.Effects) {
	p := &t.places[part]
	for i, b := range t.opts.Brokers {
		if b == leader && i != p.to {
			p.to, p.request = i, 0
			t.More(now, part, fx)
			return
		}
	}
}

// Pinned takes an answer to a pin.
func (t *Tail) Pinned(now engine.Instant, m protocol.Pinned, fx *engine.Effects) error {
	part := m.Partition.Number
	p := t.place(m.Partition, m.Request)
	if p == nil {
		return nil
	}
	switch m.Code {
	case protocol.OK:
		p.pinned, p.request = max(p.pinned, p.pin.Offset), 0
		t.More(now, part, fx)
	case protocol.NotLeader:
		t.redirect(now, part, m.Leader, fx)
	case protocol.Compacted:
		return t.compacted(part, m.Start)
	}
	return nil
}

func (t *Tail) compacted(part int32, start protocol.Cut) error {
	return fmt.Errorf("%w: partition %d of %s at offset %d, not %d", ErrCompacted, part, t.opts.Topic, start.Offset, t.places[part].next)
}

// Fetched takes an answer to a fetch, and returns the batches that are new. Who has taken
// them in calls More.
func (t *Tail) Fetched(now engine.Instant, m protocol.Fetched, fx *engine.Effects) ([]protocol.Batch, error) {
	part := m.Partition.Number
	p := t.place(m.Partition, m.Request)
	if p == nil {
		return nil, nil
	}
	switch m.Code {
	case protocol.OK:
	case protocol.NotLeader:
		t.redirect(now, part, m.Leader, fx)
		return nil, nil
	case protocol.Compacted:
		return nil, t.compacted(part, m.Start)
	default:
		return nil, nil // the timer asks again
	}
	p.request = 0
	batches := m.Batches
	for len(batches) > 0 && batches[0].End() <= p.next {
		batches = batches[1:]
	}
	for i := range batches {
		if batches[i].Base != p.next {
			return nil, fmt.Errorf("%w: partition %d of %s goes from offset %d to %d", ErrGap, part, t.opts.Topic, p.next, batches[i].Base)
		}
		p.next = batches[i].End()
	}
	if p.next >= m.End {
		p.seen = p.sent
	}
	if len(batches) == 0 {
		t.More(now, part, fx)
	}
	return batches, nil
}
