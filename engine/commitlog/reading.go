package commitlog

import (
	"parallax/engine"

	"parallax/engine/commitlog/protocol"
)

// parked is a fetch that has found nothing and waits for a while.
type parked struct {
	from     engine.NodeID
	request  uint64
	offset   int64
	credit   int32
	deadline engine.Instant
}

// fetch serves committed batches, now or when there are any.
func (b *Broker) fetch(from engine.NodeID, m protocol.Fetch, fx *engine.Effects) {
	r := b.find(m.Partition)
	answer := protocol.Fetched{Request: m.Request, Partition: m.Partition}
	switch {
	case r == nil:
		answer.Code = protocol.Unknown
	case r.leading == nil:
		answer.Code, answer.Leader, answer.Start = protocol.NotLeader, r.leader(), r.state.start
	case !r.ready():
		b.env.Sometimes("commitlog.leader-not-ready")
		answer.Code, answer.Leader, answer.Start = protocol.NotReady, r.leader(), r.state.start
	case m.Offset >= r.state.start.Offset && m.Offset >= r.readable() && len(r.leading.fetches) < parkedMax:
		r.leading.fetches = append(r.leading.fetches, parked{
			from: from, request: m.Request, offset: m.Offset, credit: m.Credit,
			deadline: b.now + engine.Instant(b.opts.FetchWait),
		})
		return
	default:
		r.serve(from, m.Request, m.Offset, m.Credit, fx)
		r.pump(fx)
		return
	}
	fx.Send(from, answer)
}

// readable is the offset behind the last record that may be shown.
func (r *replica) readable() int64 {
	if r.broker.opts.Defect == DefectUncommittedRead {
		end, _ := r.log.tail()
		return end.Offset
	}
	return r.state.end.Offset
}

// limit is the index of the last entry that may be shown.
func (r *replica) limit() uint64 {
	if r.broker.opts.Defect == DefectUncommittedRead {
		return r.log.last()
	}
	return r.applied
}

func (r *replica) serve(to engine.NodeID, request uint64, offset int64, credit int32, fx *engine.Effects) {
	answer := protocol.Fetched{
		Request: request, Partition: r.id, Leader: r.leader(), Start: r.state.start, End: r.readable(),
	}
	if offset < r.state.start.Offset {
		answer.Code = protocol.Compacted
		fx.Send(to, answer)
		return
	}
	size := 0
	err := r.scan(offset, r.limit(), func(batch protocol.Batch) bool {
		if size += len(batch.Payload); size > int(credit) && len(answer.Batches) > 0 && r.broker.opts.Defect != DefectOverdraw {
			r.broker.env.Sometimes("commitlog.credit-used-up")
			return false
		}
		if len(answer.Batches) > 0 && r.broker.env.Buggify("commitlog.short-answer") {
			return false
		}
		answer.Batches = append(answer.Batches, batch)
		return true
	})
	if err != nil {
		r.unreadable(err)
		return
	}
	fx.Send(to, answer)
}

// scan reads the batches from the one that holds offset up to an index.
func (r *replica) scan(offset int64, limit uint64, yield func(protocol.Batch) bool) error {
	for index := r.log.find(offset, limit); index <= limit; index++ {
		if r.log.slot(index).command != commandBatch {
			continue
		}
		en, err := r.log.read(index)
		if err != nil {
			return err
		}
		batch, err := protocol.DecodeBatch(en.GetData()[1:])
		if err != nil {
			return err
		}
		if !yield(batch) {
			return nil
		}
	}
	return nil
}

// wake serves the fetches for which there is something now.
func (r *replica) wake(fx *engine.Effects) {
	l := r.leading
	if l == nil || !r.ready() {
		return
	}
	keep := l.fetches[:0]
	for _, f := range l.fetches {
		if f.offset >= r.readable() && f.offset >= r.state.start.Offset {
			keep = append(keep, f)
			continue
		}
		r.serve(f.from, f.request, f.offset, f.credit, fx)
	}
	l.fetches = keep
}

// expire answers the fetches that have waited long enough: not yet.
func (r *replica) expire(fx *engine.Effects) {
	l := r.leading
	keep := l.fetches[:0]
	for _, f := range l.fetches {
		if r.broker.now < f.deadline {
			keep = append(keep, f)
			continue
		}
		fx.Send(f.from, protocol.Fetched{
			Request: f.request, Partition: r.id, Leader: r.leader(), Start: r.state.start, End: r.readable(),
		})
	}
	l.fetches = keep
}

// lookup finds the place of an append time.
func (b *Broker) lookup(from engine.NodeID, m protocol.Lookup, fx *engine.Effects) {
	r := b.find(m.Partition)
	answer := protocol.LookedUp{Request: m.Request, Partition: m.Partition}
	switch {
	case r == nil:
		answer.Code = protocol.Unknown
	case r.leading == nil:
		answer.Code, answer.Leader = protocol.NotLeader, r.leader()
	case !r.ready():
		answer.Code, answer.Leader = protocol.NotReady, r.leader()
	default:
		answer.Leader = r.leader()
		answer.Cut = r.at(m.Append)
	}
	fx.Send(from, answer)
}

// at is the cut before the first batch that was appended at t or later. The index
// gives a place at or before it, the entries the rest.
func (r *replica) at(t int64) protocol.Cut {
	index := r.log.snapIndex + 1
	if mark, ok := r.state.times.floor(t); ok {
		index = r.log.find(mark.before.Offset, r.applied)
	}
	for ; index <= r.applied; index++ {
		if s := r.log.slot(index); s.command == commandBatch && s.batch.Append >= t {
			return s.before
		}
	}
	return r.state.end
}
