package commitlog

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// tick is the clients' timer.
type tick struct{ partition uint32 }

func (tick) Kind() engine.Kind             { return 200 }
func (m tick) AppendTo(b []byte) []byte    { return wire.Order.AppendUint32(b, m.partition) }
func decodeTick(b []byte) engine.Message   { return tick{wire.Order.Uint32(b)} }
func testID(n uint32) protocol.PartitionID { return protocol.PartitionID{Topic: "t", Number: int32(n)} }

func decodeClient(k engine.Kind, b []byte) (engine.Message, error) {
	if k == 200 {
		return decodeTick(b), nil
	}
	return Decode(k, b)
}

// windowMax is how many batches a writer has in flight to a partition.
const windowMax = 4

// writer appends goal batches to each of its partitions, some at a time, in every
// incarnation anew: an incarnation is an epoch.
type writer struct {
	check    *checker
	env      engine.Env
	brokers  []engine.NodeID
	to       []int    // by partition: the broker that is asked
	acked    []uint32 // by partition: sequence numbers below are acknowledged
	sent     []uint32 // by partition: those below have been sent
	requests []map[uint64]uint32
	next     uint64
	goal     uint32
}

func startWriter(check *checker, brokers []engine.NodeID, partitions int, goal uint32) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		w := &writer{
			check: check, env: env, brokers: brokers, goal: goal, to: make([]int, partitions),
			acked: make([]uint32, partitions), sent: make([]uint32, partitions), next: uint64(env.Boot) << 32,
		}
		for p := range partitions {
			w.requests = append(w.requests, map[uint64]uint32{})
			w.fill(uint32(p), fx)
		}
		return w, nil
	}
}

func (w *writer) done() bool {
	for _, n := range w.acked {
		if n < w.goal {
			return false
		}
	}
	return true
}

func (w *writer) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case tick: // no answer: begin again with another one
		w.to[m.partition] = (w.to[m.partition] + 1) % len(w.brokers)
		w.again(m.partition, fx)
	case protocol.Produced:
		p := uint32(m.Partition.Number)
		seq, mine := w.requests[p][m.Request]
		delete(w.requests[p], m.Request)
		switch {
		case !mine:
		case m.Code == protocol.OK:
			w.check.acked(p, w.batch(p, seq), m)
			if seq == w.acked[p] {
				w.acked[p]++
				w.fill(p, fx)
			}
		case m.Code == protocol.NotLeader && m.Leader != 0 && seq == w.acked[p]:
			w.to[p] = int(m.Leader) - 1
			w.again(p, fx)
		case m.Code == protocol.Fenced || m.Code == protocol.Invalid || m.Code == protocol.Unknown:
			w.check.fail("a writer is told %s", m.Code)
		}
	}
}

func (w *writer) again(p uint32, fx *engine.Effects) {
	clear(w.requests[p])
	w.sent[p] = w.acked[p]
	w.fill(p, fx)
}

// fill sends what the window has room for. An acknowledgement of a later batch
// counts when the earlier ones are there: then the copy is acknowledged.
func (w *writer) fill(p uint32, fx *engine.Effects) {
	w.sent[p] = max(w.sent[p], w.acked[p])
	for ; w.sent[p] < w.goal && w.sent[p] < w.acked[p]+windowMax; w.sent[p]++ {
		b := w.batch(p, w.sent[p])
		w.next++
		w.requests[p][w.next] = b.Sequence
		fx.Send(w.brokers[w.to[p]], protocol.Produce{
			Request: w.next, Partition: testID(p), Producer: b.Producer, Epoch: b.Epoch, Sequence: b.Sequence,
			Count: b.Count, TimeMax: b.TimeMax, Payload: b.Payload,
		})
	}
	if w.acked[p] < w.goal {
		fx.After(uint64(p), 150*engine.Millisecond, tick{p})
	} else {
		fx.Cancel(uint64(p))
	}
}

// batch is a function of who, where and which.
func (w *writer) batch(p, seq uint32) protocol.Batch {
	return protocol.Batch{
		Count: int32(1 + seq%3), Producer: uint64(w.env.ID), Epoch: w.env.Boot, Sequence: seq,
		TimeMax: int64(w.env.Boot)*1000 + int64(seq)*10, Payload: fmt.Appendf(nil, "%d/%d/%d/%d", w.env.ID, w.env.Boot, p, seq),
	}
}

// reader follows every partition from its beginning, pins where it is now and
// then, and looks places up by time.
type follower struct {
	check   *checker
	env     engine.Env
	brokers []engine.NodeID
	holder  string // empty: never pins
	at      []readerAt
	next    uint64
}

type readerAt struct {
	to      int
	offset  int64
	request uint64 // the fetch in flight
	fetches int
	begun   bool // some batch was read
	append  int64
}

func startReader(check *checker, brokers []engine.NodeID, partitions int, holder string) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		r := &follower{check: check, env: env, brokers: brokers, holder: holder, at: make([]readerAt, partitions), next: uint64(env.Boot) << 32}
		for p := range r.at {
			r.fetch(uint32(p), fx)
		}
		return r, nil
	}
}

func (r *follower) fetch(p uint32, fx *engine.Effects) {
	a := &r.at[p]
	r.next++
	a.request = r.next
	fx.SendEager(r.brokers[a.to], protocol.Fetch{Request: a.request, Partition: testID(p), Offset: a.offset, Credit: 100})
	fx.After(uint64(p), 250*engine.Millisecond, tick{p})
}

func (r *follower) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case tick:
		r.at[m.partition].to = (r.at[m.partition].to + 1) % len(r.brokers)
		r.fetch(m.partition, fx)
	case protocol.Fetched:
		r.fetched(m, fx)
	case protocol.Pinned:
		r.check.pinned(uint32(m.Partition.Number), r.holder, m)
	case protocol.LookedUp:
		r.check.lookedUp(uint32(m.Partition.Number), m)
	}
}

func (r *follower) fetched(m protocol.Fetched, fx *engine.Effects) {
	p := uint32(m.Partition.Number)
	a := &r.at[p]
	if m.Request != a.request {
		return
	}
	switch m.Code {
	case protocol.NotLeader:
		if m.Leader != 0 {
			a.to = int(m.Leader) - 1
		}
		a.request = 0
		fx.After(uint64(p), 10*engine.Millisecond, tickAt(p, a, len(r.brokers)))
		return
	case protocol.NotReady:
		a.request = 0
		fx.After(uint64(p), 10*engine.Millisecond, tickAt(p, a, len(r.brokers)))
		return
	case protocol.Compacted:
		r.check.start(p, m.Start)
		if m.Start.Offset <= a.offset {
			r.check.fail("compacted at %d, but the log starts at %d", a.offset, m.Start.Offset)
		}
		a.offset = m.Start.Offset
	case protocol.OK:
		for i := range m.Batches {
			b := &m.Batches[i]
			if b.Base != a.offset {
				r.check.fail("a reader at %d of partition %d gets %d", a.offset, p, b.Base)
			}
			r.check.read(p, b)
			a.offset, a.append, a.begun = b.End(), b.Append, true
		}
		r.check.readEnd(p, a.offset)
	default:
		r.check.fail("a reader is told %s", m.Code)
	}
	r.extra(p, a, fx)
	r.fetch(p, fx)
}

// tickAt undoes the step to another broker that tick makes.
func tickAt(p uint32, a *readerAt, brokers int) tick {
	a.to = (a.to + brokers - 1) % brokers
	return tick{p}
}

func (r *follower) extra(p uint32, a *readerAt, fx *engine.Effects) {
	a.fetches++
	if r.holder != "" && a.fetches%4 == 0 {
		r.next++
		r.check.pins(p, r.holder, a.offset)
		fx.Send(r.brokers[a.to], protocol.Pin{Request: r.next, Partition: testID(p), Holder: r.holder, Cut: protocol.Cut{Offset: a.offset}})
	}
	if a.begun && a.fetches%5 == 0 {
		r.next++
		fx.SendEager(r.brokers[a.to], protocol.Lookup{Request: r.next, Partition: testID(p), Append: a.append - int64(a.fetches%3)})
	}
}

// sink takes in answers and does nothing.
type sink struct{ got []engine.Message }

func (s *sink) Step(ev engine.Event, _ *engine.Effects) { s.got = append(s.got, ev.Msg) }

// sink is a node that takes in the answers to what a test injects in its name.
func (d *deployment) sink() engine.NodeID {
	if d.sinkID == 0 {
		d.sinkID = d.Boot("sink", func(engine.Env, *engine.Effects) (engine.Actor, error) { return &sink{}, nil }, decodeClient)
	}
	return d.sinkID
}
