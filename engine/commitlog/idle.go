package commitlog

import (
	"math"

	"parallax/engine"

	"parallax/engine/commitlog/protocol"
)

// told is what a controller has last heard of a partition.
type told struct {
	leader engine.NodeID
	at     engine.Instant
	reply  statusReply
}

// asksPerIdle is how many times a controller asks in the time after which a
// partition is idle. It bounds the idle records of a partition, too.
const asksPerIdle = 4

// lookForIdle is the controller's part of a beat: now and then it asks all
// partitions of its topics how they stand, and when all have answered it tells
// those to which nothing has been appended for a while the least frontier of the
// others. Otherwise a partition without rows would hold back every window.
func (b *Broker) lookForIdle(fx *engine.Effects) {
	if b.opts.IdleAfter == 0 {
		return
	}
	for i := range b.topics {
		t := &b.topics[i]
		switch {
		case !t.replicas[0].ready():
		case b.now < t.asks:
			if t.deciding && t.heard() {
				b.tellIdle(t, fx)
				t.deciding = false
			}
		default:
			t.asked, t.deciding = b.now, true
			t.asks = b.now + engine.Instant(max(b.opts.IdleAfter/asksPerIdle, 2*b.opts.Beat))
			for n := range t.replicas {
				for _, to := range b.opts.Brokers {
					fx.SendEager(to, status{partition: t.first + uint32(n)})
				}
			}
		}
	}
}

// heard reports whether every partition has answered since it was asked: one that
// is not heard of may be active.
func (t *topic) heard() bool {
	for i := range t.told {
		if p := &t.told[i]; p.leader == 0 || p.at < t.asked {
			return false
		}
	}
	return true
}

// tellIdle decides on what was heard. The least frontier is taken over the
// partitions that are not idle; if all are, nobody knows anything. One that has
// ended knows nothing of the others either: its frontier is no event time.
func (b *Broker) tellIdle(t *topic, fx *engine.Effects) {
	least := protocol.Cut{}
	active := false
	for i := range t.told {
		p := &t.told[i]
		if p.reply.end.Frontier == math.MaxInt64 {
			continue
		}
		if p.reply.quiet < b.opts.IdleAfter && (!active || p.reply.end.Frontier < least.Frontier) {
			active, least = true, p.reply.end
		}
	}
	if !active {
		return
	}
	for i := range t.told {
		p := &t.told[i]
		if p.reply.quiet >= b.opts.IdleAfter && p.reply.end.Frontier < least.Frontier {
			fx.SendEager(p.leader, idle{partition: t.first + uint32(i), end: p.reply.end.Offset, frontier: least.Frontier})
		}
	}
}

// noteStatus remembers a leader's answer.
func (b *Broker) noteStatus(from engine.NodeID, m statusReply) {
	for i := range b.topics {
		t := &b.topics[i]
		if n := m.partition - t.first; m.leads && n < uint32(len(t.told)) {
			t.told[n] = told{leader: from, at: b.now, reply: m}
		}
	}
}

// reportStatus answers a controller, if this replica leads. It waits for what was
// persisted before, because it tells what is committed.
func (r *replica) reportStatus(to engine.NodeID, fx *engine.Effects) {
	if r.ready() {
		fx.Send(to, statusReply{
			partition: r.index, leads: true, quiet: int64(r.broker.now - r.leading.moved), end: r.state.end,
		})
	}
}

// appendIdle appends a record that carries a frontier, unless something has come
// meanwhile.
func (r *replica) appendIdle(m idle) {
	if !r.ready() {
		return
	}
	tail, _ := r.log.tail()
	if tail.Offset != m.end || tail.Frontier >= m.frontier {
		return
	}
	moved := r.leading.moved
	r.propose(&protocol.Batch{Count: 1, TimeMax: m.frontier, Idle: true})
	r.leading.moved = moved // it stays idle
}
