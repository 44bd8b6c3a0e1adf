package commitlog

import (
	"parallax/engine"

	"parallax/engine/commitlog/protocol"
)

// pin registers a place, or gives it up.
func (b *Broker) pin(from engine.NodeID, m protocol.Pin, fx *engine.Effects) {
	r := b.find(m.Partition)
	answer := protocol.Pinned{Request: m.Request, Partition: m.Partition}
	switch {
	case r == nil:
		answer.Code = protocol.Unknown
	case r.leading == nil:
		answer.Code, answer.Leader, answer.Start = protocol.NotLeader, r.leader(), r.state.start
	case !m.Release && m.Cut.Offset < r.state.start.Offset:
		answer.Code, answer.Leader, answer.Start = protocol.Compacted, r.leader(), r.state.start
	default:
		answer.Leader, answer.Start = r.leader(), r.state.start
		if answer.Code = r.proposeData(appendPinCommand(nil, m.Holder, m.Cut, m.Release)); answer.Code == protocol.OK {
			r.leading.pins = append(r.leading.pins, waitingPin{from, m.Request, m.Holder, m.Cut.Offset})
			r.pump(fx)
			return
		}
	}
	fx.Send(from, answer)
	if r != nil {
		r.pump(fx)
	}
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
// never above a pin.
func (r *replica) retain() {
	keep := r.broker.opts.RetainBytes
	if keep == 0 || !r.ready() {
		return
	}
	limit := r.state.pins.least(r.state.end.Offset)
	for index := r.applied; index > r.log.snapIndex; index-- {
		s := r.log.slot(index)
		after := s.after()
		if keep > 0 || after.Offset > limit {
			keep -= int64(s.to - s.from)
			continue
		}
		if after.Offset > max(r.state.start.Offset, r.leading.trim) {
			if r.proposeData(appendTrimCommand(nil, after)) == protocol.OK {
				r.leading.trim = after.Offset
			}
		}
		return
	}
}
