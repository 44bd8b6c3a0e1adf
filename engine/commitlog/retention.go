package commitlog

import (
	"sort"

	"parallax/engine"

	"parallax/engine/commitlog/protocol"
)

// pin registers a place, or gives it up.
func (b *Broker) pin(from engine.NodeID, m protocol.Pin, fx *engine.Effects) {
	answer := protocol.Pinned{Request: m.Request, Partition: m.Partition}
	r := b.find(m.Partition)
	if r == nil {
		answer.Code = protocol.Unknown
		fx.Send(from, answer)
		return
	}
	answer.Leader, answer.Start = r.leader(), r.state.start
	switch {
	case len(m.Holder) > holderBytesMax || m.Cut.Offset < 0:
		answer.Code = protocol.Invalid
	case r.leading == nil:
		answer.Code = protocol.NotLeader
	case !m.Release && m.Cut.Offset < r.state.start.Offset:
		answer.Code = protocol.Compacted
	case len(r.leading.pins) >= pinsWaitingMax:
		answer.Code = protocol.Busy
	default:
		answer.Code = r.proposeData(appendPinCommand(nil, m.Holder, m.Cut, m.Release))
		if answer.Code == protocol.OK {
			r.leading.pins = append(r.leading.pins, waitingPin{from, m.Request, m.Holder, m.Cut.Offset, m.Release})
			answer.Code = pending
		}
	}
	if answer.Code != pending {
		fx.Send(from, answer)
	}
	r.pump(fx)
}

// pinned answers for a pin that is committed: a trim that was committed before it
// may have taken its place away.
func (r *replica) pinned(request uint64, c *command) protocol.Pinned {
	p := protocol.Pinned{Request: request, Partition: r.id, Leader: r.leader(), Start: r.state.start}
	if !c.release && c.cut.Offset < r.state.start.Offset {
		p.Code = protocol.Compacted
	}
	return p
}

// retain proposes a new start of the log when there is more than is to be kept,
// never above a pin. A trim rewrites what is known of the log's beginning, so it
// waits for a part of what is kept to be superfluous.
func (r *replica) retain() {
	keep := r.broker.opts.RetainBytes
	if keep == 0 || !r.ready() || r.log.snapIndex == r.applied {
		return
	}
	slots := r.log.slots[:r.applied-r.log.snapIndex]
	total := slots[len(slots)-1].total
	limit := r.state.pins.least(r.state.end.Offset)
	n := sort.Search(len(slots), func(i int) bool {
		return total-slots[i].total < keep || slots[i].end() > limit
	})
	if n == 0 {
		return
	}
	s := &slots[n-1]
	freed := s.total - slots[0].total + int64(slots[0].to-slots[0].from)
	if s.end() <= max(r.state.start.Offset, r.leading.trim) || freed < keep/4 {
		return
	}
	if r.proposeData(appendTrimCommand(nil, s.after())) == protocol.OK {
		r.leading.trim = s.end()
	}
}
