package commitlog

import (
	"errors"
	"slices"

	"go.etcd.io/raft/v3"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
)

// leading is what a replica knows only while it leads.
type leading struct {
	term      uint64
	table     producers // as of the end of the Raft log, committed or not
	beats     int
	moved     engine.Instant // when something was last appended, by this node's clock
	trim      int64          // the log's start that is proposed, 0 if none is
	promoteAt uint64         // what was applied at the last beat

	produces []waiting // for a batch to be committed, ascending by base
	pins     []waitingPin
	fetches  []parked
}

// waiting is a producer that is answered when the batch at base is applied.
type waiting struct {
	from    engine.NodeID
	request uint64
	base    int64
}

type waitingPin struct {
	from    engine.NodeID
	request uint64
	holder  string
	offset  int64
	release bool
}

// wait notes who is to be answered; one who asks again is answered once.
func (l *leading) wait(w waiting) {
	at := len(l.produces)
	for ; at > 0 && l.produces[at-1].base >= w.base; at-- {
		if p := &l.produces[at-1]; p.base == w.base && p.from == w.from {
			p.request = w.request
			return
		}
	}
	l.produces = slices.Insert(l.produces, at, w)
}

// newLeading looks through what its predecessors have left in the log: it will
// be committed before anything of this term.
func newLeading(r *replica) *leading {
	l := &leading{term: r.raft.BasicStatus().GetTerm(), table: r.state.producers.clone(), moved: r.broker.now}
	for index := r.applied + 1; index <= r.log.last(); index++ {
		if s := r.log.slot(index); s.command == commandBatch && s.batch.Producer != 0 {
			l.table.record(&s.batch)
		}
	}
	return l
}

// resign lets everybody who waits know that they must ask somebody else. What
// they asked for may still happen.
func (r *replica) resign(fx *engine.Effects) {
	l := r.leading
	r.leading = nil
	if len(l.produces)+len(l.fetches) > 0 {
		r.broker.env.Sometimes("commitlog.resigned-with-clients")
	}
	for _, w := range l.produces {
		fx.Send(w.from, protocol.Produced{Request: w.request, Partition: r.id, Code: protocol.NotLeader, Leader: r.leader()})
	}
	for _, w := range l.pins {
		fx.Send(w.from, protocol.Pinned{Request: w.request, Partition: r.id, Code: protocol.NotLeader, Leader: r.leader(), Start: r.state.start})
	}
	for _, f := range l.fetches {
		fx.Send(f.from, protocol.Fetched{Request: f.request, Partition: r.id, Code: protocol.NotLeader, Leader: r.leader(), Start: r.state.start})
	}
}

// produce appends a batch, or answers for the copy of one.
func (b *Broker) produce(from engine.NodeID, m protocol.Produce, fx *engine.Effects) {
	answer := protocol.Produced{Request: m.Request, Partition: m.Partition}
	r := b.find(m.Partition)
	if r == nil {
		answer.Code = protocol.Unknown
		fx.Send(from, answer)
		return
	}
	answer.Leader = r.leader()
	switch {
	case m.Producer == 0 || m.Count < 1 || m.Idle && m.Count != 1 || len(m.Payload) > BatchBytesMax:
		answer.Code = protocol.Invalid
	case r.leading == nil:
		answer.Code = protocol.NotLeader
	default:
		answer.Code = r.take(from, &m, &answer, fx)
	}
	if answer.Code != pending {
		fx.Send(from, answer)
	}
	r.pump(fx)
}

// pending is not sent: the answer comes when the batch is committed.
const pending protocol.Code = 255

// take judges a batch and proposes it if it is the next of its producer.
func (r *replica) take(from engine.NodeID, m *protocol.Produce, answer *protocol.Produced, fx *engine.Effects) protocol.Code {
	l := r.leading
	v, earlier := l.table.judge(m.Producer, m.Epoch, m.Sequence)
	if r.broker.opts.Defect == DefectNoDedup && v == duplicate {
		v = next
	}
	switch v {
	case fenced:
		return protocol.Fenced
	case outOfSequence:
		return protocol.OutOfSequence
	case duplicate:
		answer.Base, answer.Append = earlier.base, earlier.append
		if earlier.base < r.state.end.Offset {
			r.broker.env.Sometimes("commitlog.copy-of-committed")
			return protocol.OK
		}
		if r.broker.opts.Defect == DefectEagerReack {
			answer.Code = protocol.OK
			fx.SendEager(from, *answer)
			return pending
		}
		r.broker.env.Sometimes("commitlog.copy-of-pending")
		l.wait(waiting{from, m.Request, earlier.base})
		return pending
	}
	batch := protocol.Batch{
		Count: m.Count, Producer: m.Producer, Epoch: m.Epoch, Sequence: m.Sequence, TimeMax: m.TimeMax,
		Idle: m.Idle, Payload: m.Payload,
	}
	before, _ := r.log.tail()
	moved := l.moved
	code := r.propose(&batch)
	if code != protocol.OK {
		return code
	}
	if m.Idle && m.TimeMax <= before.Frontier {
		l.moved = moved // it says nothing of rows: who is idle stays so
	}
	l.table.record(&batch)
	l.wait(waiting{from, m.Request, batch.Base})
	if r.broker.opts.Defect == DefectEagerAck {
		answer.Code, answer.Base, answer.Append = protocol.OK, batch.Base, batch.Append
		fx.SendEager(from, *answer)
	}
	return pending
}

// propose gives a batch its place and its append time, which never goes back, and
// hands it to Raft.
func (r *replica) propose(batch *protocol.Batch) protocol.Code {
	if r.log.last()-r.applied > uncommittedMax {
		return protocol.Busy
	}
	end, appended := r.log.tail()
	batch.Base = end.Offset
	if batch.Append = int64(r.broker.now.EventTime()); batch.Append < appended {
		r.broker.env.Sometimes("commitlog.clock-behind-the-log")
		batch.Append = appended
	}
	if code := r.proposeData(batch.AppendTo([]byte{commandBatch})); code != protocol.OK {
		return code
	}
	r.leading.moved = r.broker.now
	return protocol.OK
}

func (r *replica) proposeData(data []byte) protocol.Code {
	switch err := r.raft.Propose(data); {
	case errors.Is(err, raft.ErrProposalDropped):
		return protocol.Busy
	case err != nil:
		r.fatal = err
		return protocol.Busy
	}
	return protocol.OK
}

// answer tells those who have waited for an entry that it is applied.
func (r *replica) answer(c *command, fx *engine.Effects) {
	l := r.leading
	if l == nil {
		return
	}
	switch c.kind {
	case commandBatch:
		n := 0
		for ; n < len(l.produces) && l.produces[n].base <= c.batch.Base; n++ {
			w := &l.produces[n]
			fx.Send(w.from, protocol.Produced{
				Request: w.request, Partition: r.id, Leader: r.leader(), Base: w.base, Append: c.batch.Append,
			})
		}
		l.produces = slices.Delete(l.produces, 0, n)
	case commandTrim:
		l.trim = 0 // done, or refused for a pin
	case commandPin:
		keep := l.pins[:0]
		for _, w := range l.pins {
			if w.holder != c.holder || w.offset != c.cut.Offset || w.release != c.release {
				keep = append(keep, w)
				continue
			}
			fx.Send(w.from, r.pinned(w.request, c))
		}
		l.pins = keep
	}
}

// beat is what a leader does from time to time.
func (r *replica) beat(fx *engine.Effects) {
	r.beatRaft()
	r.pump(fx)
	if r.leading != nil {
		r.expire(fx)
		r.retain()
		r.promote()
	}
}
