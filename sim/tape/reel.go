package tape

import (
	"math"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// Start is the start of the actor that serves a tape to the holders named. Until each of
// them has pinned a partition, all of it is there. What is pinned outlives the actor, as
// it would the leader of a replicated log.
func (t *Tape) Start(holders ...string) engine.Start {
	pins := make([]map[string]int64, len(t.parts))
	for i := range pins {
		pins[i] = map[string]int64{}
		for _, h := range holders {
			pins[i][h] = 0
		}
	}
	return func(engine.Env, *engine.Effects) (engine.Actor, error) {
		return &reel{tape: t, pins: pins}, nil
	}
}

// reel serves a tape.
type reel struct {
	tape   *Tape
	pins   []map[string]int64 // by partition
	timers uint64
}

// later is a fetch that has found nothing and is looked at again.
type later struct {
	to    engine.NodeID
	fetch protocol.Fetch
}

// Kind is the message's kind.
func (later) Kind() engine.Kind { return kindLater }

// AppendTo encodes the message.
func (m later) AppendTo(b []byte) []byte {
	return m.fetch.AppendTo(wire.Order.AppendUint32(b, uint32(m.to)))
}

const (
	kindLater engine.Kind = 240
	waitTime              = 40 * engine.Millisecond
)

// Decode reads what the actor is sent.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	if k != kindLater {
		return protocol.Decode(k, b)
	}
	r := wire.Reader{Rest: b}
	to := engine.NodeID(r.U32())
	m, err := protocol.Decode(protocol.Fetch{}.Kind(), r.Rest)
	if err != nil {
		return nil, err
	}
	return later{to: to, fetch: m.(protocol.Fetch)}, nil
}

func (r *reel) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case protocol.Pin:
		held := r.pins[m.Partition.Number]
		held[m.Holder] = max(held[m.Holder], m.Cut.Offset)
		fx.Send(ev.From, protocol.Pinned{Request: m.Request, Partition: m.Partition})
	case protocol.Fetch:
		if !r.serve(ev.Now, ev.From, m, fx, false) {
			r.timers++
			fx.After(r.timers, waitTime, later{ev.From, m})
		}
	case later:
		r.serve(ev.Now, m.to, m.fetch, fx, true)
	}
}

// start is the offset below which nothing is left.
func (r *reel) start(part int32) int64 {
	least := int64(math.MaxInt64)
	for _, at := range r.pins[part] {
		least = min(least, at)
	}
	return least
}

// serve answers a fetch, unless there is nothing yet and the answer can wait.
func (r *reel) serve(now engine.Instant, to engine.NodeID, m protocol.Fetch, fx *engine.Effects, empty bool) bool {
	part := m.Partition.Number
	answer := protocol.Fetched{Request: m.Request, Partition: m.Partition}
	if start := r.start(part); m.Offset < start && start != math.MaxInt64 {
		answer.Code, answer.Start.Offset = protocol.Compacted, start
		fx.Send(to, answer)
		return true
	}
	size := int32(0)
	for i := range r.tape.parts[part] {
		rec := &r.tape.parts[part][i]
		if rec.due > now {
			break
		}
		answer.End = rec.batch.End()
		if rec.batch.End() <= m.Offset || size > m.Credit {
			continue
		}
		size += int32(len(rec.batch.Payload)) + 1
		answer.Batches = append(answer.Batches, rec.batch)
	}
	if len(answer.Batches) == 0 && !empty {
		return false
	}
	fx.Send(to, answer)
	return true
}
