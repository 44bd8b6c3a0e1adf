package commitlog

import (
	"math"

	"parallax/engine"

	"parallax/engine/commitlog/protocol"
)

// told is what the leader of a topic's partition 0, its controller, has last
// heard of another partition.
type told struct {
	leader engine.NodeID
	at     engine.Instant
	reply  statusReply
}

// lookForIdle is the controller's part of a beat: it asks all partitions of its
// topics how they stand, and tells those to which nothing has been appended for a
// while the least frontier of the others. Otherwise a partition without rows
// would hold back every window.
func (b *Broker) lookForIdle(fx *engine.Effects) {
	if b.opts.IdleAfter == 0 {
		return
	}
	if len(b.told) != len(b.replicas) {
		b.told = make([]told, len(b.replicas))
	}
	for at := 0; at < len(b.replicas); {
		end := at + 1
		for end < len(b.replicas) && b.replicas[end].id.Topic == b.replicas[at].id.Topic {
			end++
		}
		if b.replicas[at].ready() {
			for i := at; i < end; i++ {
				for _, to := range b.opts.Brokers {
					fx.SendEager(to, status{partition: uint32(i)})
				}
			}
			b.tellIdle(at, end, fx)
		}
		at = end
	}
}

// tellIdle decides on what was heard lately. The least frontier is taken over the
// partitions that are not idle; if all are, nobody knows anything. One that has
// ended knows nothing of the others either: its frontier is no event time.
func (b *Broker) tellIdle(at, end int, fx *engine.Effects) {
	var least protocol.Cut
	active := false
	for _, t := range b.told[at:end] {
		if !b.fresh(&t) {
			return // a partition that is not heard of may be active
		}
		if t.reply.end.Frontier == math.MaxInt64 {
			continue
		}
		if t.reply.quiet < b.opts.IdleAfter && (!active || t.reply.end.Frontier < least.Frontier) {
			active, least = true, t.reply.end
		}
	}
	if !active {
		return
	}
	for i := at; i < end; i++ {
		t := &b.told[i]
		if t.reply.quiet >= b.opts.IdleAfter && t.reply.end.Frontier < least.Frontier {
			fx.SendEager(t.leader, idle{partition: uint32(i), end: t.reply.end.Offset, frontier: least.Frontier})
		}
	}
}

func (b *Broker) fresh(t *told) bool {
	return t.leader != 0 && b.now-t.at < engine.Instant(4*b.opts.Beat)
}

// noteStatus remembers a leader's answer.
func (b *Broker) noteStatus(from engine.NodeID, r *replica, m statusReply) {
	if m.leads && len(b.told) == len(b.replicas) {
		b.told[r.index] = told{leader: from, at: b.now, reply: m}
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
