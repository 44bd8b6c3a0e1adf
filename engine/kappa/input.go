package kappa

import (
	"fmt"
	"math"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
)

// endOfInput is the frontier of a partition to which nothing will be appended.
const endOfInput = math.MaxInt64

// input is the worker's place in reading one partition.
type input struct {
	to      int    // the broker that is believed to lead
	request uint64 // that waits for an answer, 0 if none
	pinned  bool   // the log keeps what this worker may have to read again
}

// ask fetches what comes next in a partition, or first pins it.
func (w *Worker) ask(part int32, fx *engine.Effects) {
	in := &w.inputs[part]
	w.requests++
	in.request = w.requests
	id := protocol.PartitionID{Topic: w.opts.Topic, Number: part}
	if in.pinned {
		fx.SendEager(w.opts.Brokers[in.to], protocol.Fetch{
			Request: in.request, Partition: id, Offset: w.reached[part].Offset, Credit: w.opts.Credit,
		})
	} else {
		fx.SendEager(w.opts.Brokers[in.to], protocol.Pin{
			Request: in.request, Partition: id, Holder: Holder, Cut: w.saving.cut(part),
		})
	}
	fx.After(timerInput+uint64(part), w.opts.Retry, fetchAgain{partition: part, request: in.request})
}

// Holder is the name of the worker's pins. A topic with retention lists it among
// its holders, so that nothing is removed before the worker has begun.
const Holder = "kappa"

// askAgain tries another broker: no answer, or none that helps, has come.
func (w *Worker) askAgain(m fetchAgain, fx *engine.Effects) {
	if int(m.partition) >= len(w.inputs) {
		return
	}
	in := &w.inputs[m.partition]
	if in.request == m.request {
		in.to = (in.to + 1) % len(w.opts.Brokers)
		if w.opts.Defect == DefectShortList && w.restored > 0 && !in.pinned {
			w.reached[m.partition] = protocol.LogStart()
		}
		w.ask(m.partition, fx)
	}
}

// redirect goes to the leader that an answer names; if it names none, the timer
// tries the next broker.
func (w *Worker) redirect(part int32, leader engine.NodeID, fx *engine.Effects) {
	in := &w.inputs[part]
	for i, b := range w.opts.Brokers {
		if b == leader && i != in.to {
			in.to = i
			w.ask(part, fx)
			return
		}
	}
}

// answered reports whether an answer is to the partition's open request.
func (w *Worker) answered(id protocol.PartitionID, request uint64) bool {
	return id.Topic == w.opts.Topic && id.Number >= 0 && int(id.Number) < len(w.inputs) &&
		w.inputs[id.Number].request == request && request != 0
}

func (w *Worker) pinned(m protocol.Pinned, fx *engine.Effects) {
	part := m.Partition.Number
	if !w.answered(m.Partition, m.Request) {
		return
	}
	switch m.Code {
	case protocol.OK:
		w.inputs[part].pinned = true
		w.inputs[part].request = 0
		w.read(part, fx)
	case protocol.NotLeader:
		w.redirect(part, m.Leader, fx)
	case protocol.Compacted:
		fx.Fatal = w.compacted(part, m.Start)
	}
}

func (w *Worker) compacted(part int32, start protocol.Cut) error {
	return fmt.Errorf("%w: partition %d of %s begins at offset %d, this worker needs %d", errState, part, w.opts.Topic,
		start.Offset, w.reached[part].Offset)
}

// fetched processes the batches of an answer, while it replays only those below
// the view's cut, and asks for more.
func (w *Worker) fetched(m protocol.Fetched, fx *engine.Effects) {
	part := m.Partition.Number
	if !w.answered(m.Partition, m.Request) {
		return
	}
	switch m.Code {
	case protocol.OK:
	case protocol.NotLeader:
		w.redirect(part, m.Leader, fx)
		return
	case protocol.Compacted:
		fx.Fatal = w.compacted(part, m.Start)
		return
	default:
		return // the timer asks again
	}
	w.inputs[part].request = 0
	for i := range m.Batches {
		if w.silent && m.Batches[i].Base >= w.view[part].Offset {
			break
		}
		if err := w.process(part, &m.Batches[i], fx); err != nil {
			fx.Fatal = err
			return
		}
	}
	if w.silent {
		w.caughtUp(fx)
	}
	w.publish(fx)
	w.read(part, fx)
}

// read asks for more of a partition if more is wanted of it now.
func (w *Worker) read(part int32, fx *engine.Effects) {
	switch in := &w.inputs[part]; {
	case in.request != 0, w.view == nil:
	case w.silent && in.pinned && w.reached[part].Offset >= w.view[part].Offset:
	case !w.silent && w.pending.len() > pendingRowsMax:
	case w.reached[part].Frontier == endOfInput && in.pinned:
		fx.Cancel(timerInput + uint64(part))
	default:
		w.ask(part, fx)
	}
}

// readAll asks for more of every partition of which more is wanted.
func (w *Worker) readAll(fx *engine.Effects) {
	for part := range w.inputs {
		w.read(int32(part), fx)
	}
}
