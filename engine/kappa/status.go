package kappa

import (
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/operator"
	"parallax/engine/kappa/vault"
)

// Status is how a worker stands: for metrics, logs and checkers.
type Status struct {
	Reached     []protocol.Cut
	View        []protocol.Cut // at which the view is known to stand; nil while that is not known
	Silent      bool           // replays up to the view's cut
	Restored    int            // bases and deltas that it began from; 0: it began empty
	Ended       bool           // has read all partitions to the end of the input
	Watermark   int64          // of the job at Reached, microseconds
	Pending     int            // rows that wait to be published
	Publishing  bool           // a span is on its way
	Fetching    int            // fetches that are not answered yet
	Credit      int64          // bytes that they may bring
	Spans       int            // that this incarnation has published
	Checkpoint  []protocol.Cut // of the last durable one; nil if there is none
	Checkpoints Checkpoints    // that this incarnation has written
	State       operator.Footprint
	Counts      operator.Counts
	Refused     []int64   // rows that the job cannot use, by partition
	Refusals    []Refusal // the first of them that this incarnation has met
}

// Status describes the worker.
func (w *Worker) Status() Status {
	s := Status{
		Reached: slices.Clone(w.reached), View: slices.Clone(w.view), Silent: w.silent, Restored: w.restored,
		Ended: w.ended, Watermark: w.watermark(), Pending: w.pending.len(), Publishing: w.flight != nil && w.view != nil,
		Spans: w.spans, Checkpoint: slices.Clone(w.saving.last), Checkpoints: w.saving.count,
		State: w.State(), Counts: w.Counts(),
		Refused: slices.Clone(w.refused), Refusals: slices.Clone(w.refusals),
	}
	for i := range w.inputs {
		if w.inputs[i].request != 0 {
			s.Fetching++
			s.Credit += int64(w.opts.Credit)
		}
	}
	return s
}

// Began reports whether the worker goes on already: before, it reads its last checkpoint
// from an object store.
func (w *Worker) Began() bool { return w.flight != nil || w.view != nil }

// Reached is the cut that the worker has read to. It is the worker's own and is not
// to be changed.
func (w *Worker) Reached() []protocol.Cut { return w.reached }

// Published is the cut at which the view is known to stand, nil while it is not
// known. It is the worker's own and is not to be changed.
func (w *Worker) Published() []protocol.Cut { return w.view }

// Replaying reports whether the worker is on its way to the cut at which the view
// stands.
func (w *Worker) Replaying() bool { return w.silent }

// Restored is how many checkpoints, a base and its deltas, the worker began from; 0
// if it began empty.
func (w *Worker) Restored() int { return w.restored }

// Checkpoints counts what this incarnation has written.
func (w *Worker) Checkpoints() Checkpoints { return w.saving.count }

// Checkpoint is the cut of the last checkpoint that is safe, nil if there is none. It is
// the worker's own and is not to be changed.
func (w *Worker) Checkpoint() []protocol.Cut { return w.saving.last }

// Head is what the worker knows of its checkpoints in the object store; nil if they are on
// its disk. It is the worker's own and is not to be changed.
func (w *Worker) Head() *vault.Head {
	if w.vault == nil {
		return nil
	}
	return w.vault.Head()
}

// State measures what the worker keeps. A job without key columns has one key, also
// before it has read a row.
func (w *Worker) State() operator.Footprint {
	f := w.path.Windowed().State()
	if len(w.plan.Keys) == 0 {
		f.Keys = 1
	}
	return f
}

// Counts is what became of the rows below Reached.
func (w *Worker) Counts() operator.Counts {
	var c operator.Counts
	for i := range w.inputs {
		c.Add(w.CountsOf(i))
	}
	return c
}

// CountsOf is what became of a partition's rows below Reached.
func (w *Worker) CountsOf(part int) operator.Counts { return w.path.Windowed().Counts(part) }

// ProducerStatus is how a producer stands.
type ProducerStatus struct {
	Acked    []uint32 // batches, by partition
	InFlight []uint32 // sent and not acknowledged
	Retries  int      // of this incarnation
	Done     bool
}

// Status describes the producer.
func (p *Producer) Status() ProducerStatus {
	s := ProducerStatus{Retries: p.retries, Done: p.Done()}
	for i := range p.parts {
		f := &p.parts[i]
		s.Acked = append(s.Acked, f.acked)
		s.InFlight = append(s.InFlight, f.sent-f.acked)
	}
	return s
}
