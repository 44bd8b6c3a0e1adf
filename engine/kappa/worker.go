package kappa

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/kappa/vault"
	"parallax/serving"
	"parallax/serving/panes"
)

// WorkerOptions describe a worker. Pipeline and Schema are the job's.
type WorkerOptions struct {
	Pipeline   *flow.Pipeline
	Schema     column.Schema
	Topic      string
	Partitions int32
	Brokers    []engine.NodeID
	View       engine.NodeID

	Credit     int32 // bytes that a fetch brings, and about those of a part of a publication; 0 means 1 MiB
	Checkpoint CheckpointOptions
	Retry      int64 // ns; 0 means 700 ms
	Defect     Defect
}

// CheckpointOptions say how often a worker saves its state, and where.
type CheckpointOptions struct {
	Bytes int64 // of the log between two checkpoints; 0 means 4 MiB
	// Store is an object store that keeps them, under names that begin with Prefix and are
	// of this job alone; 0: the worker's own disk does.
	Store  engine.NodeID
	Prefix string
}

// Defect is a mistake that can be switched on, to see that it is found: one of these, or
// one of the row path or of package vault, by its name there; "" is none.
type Defect string

// The defects of a worker, and DefectRenumber of a producer.
const (
	DefectLoseState       Defect = "lose-state"       // begins empty at the view's cut after a restart
	DefectPublishTwice    Defect = "publish-twice"    // publishes a span again from where it began
	DefectSkipSpan        Defect = "skip-span"        // drops the panes of every eighth span
	DefectEarlyCheckpoint Defect = "early-checkpoint" // writes a checkpoint before the view has reached its cut
	DefectEarlyWatermark  Defect = "early-watermark"  // waits 100 ms less for late rows than the pipeline says
	DefectShortList       Defect = "short-list"       // begins a partition anew whose broker does not answer after a restart
	DefectWallClock       Defect = "wall-clock"       // takes the time of day for the rows' append time
	DefectPoisonPill      Defect = "poison-pill"      // gives up over a record that it cannot use
	DefectRenumber        Defect = "renumber"         // a producer whose batch is out of sequence begins a new epoch
)

// defectUncounted forgets after a restart what was refused before.
const defectUncounted Defect = "uncounted"

// pendingRowsMax is how many rows may wait to be published before the worker stops
// reading.
const pendingRowsMax = 1 << 16

// Worker runs a pipeline over all partitions of a topic.
type Worker struct {
	opts   WorkerOptions
	env    engine.Env
	now    engine.Instant
	epoch  uint32 // of this attempt
	plan   *flow.Plan
	path   *operator.Path
	decode tail.Decoder
	panes  *panes.Source

	inputs  []input
	reached []protocol.Cut // by the path
	refused []int64        // rows below reached, by partition
	ended   bool           // all partitions have

	view    []protocol.Cut // the cut at which the view stands; nil while it is not known
	silent  bool           // replaying up to it
	pending rows           // of panes behind the view's cut
	flight  *flight
	spans   int

	requests uint64
	restored int       // a base and its deltas
	refusals []Refusal // the first ones of this incarnation
	saving   checkpoint
	vault    *vault.Vault // nil: checkpoints are on the worker's disk
}

// errRule refuses a rule that makes results depend on how the partitions happened
// to interleave: replaying up to a cut would not give the state at that cut.
var errRule = errors.New("late rows judged by the operator's watermark, over several partitions, cannot be replayed")

// errStrategy refuses watermarks that do not follow from each partition's log alone.
var errStrategy = errors.New("a watermark that follows what the operator finds late cannot be replayed")

// errBatch refuses micro-batches: where in one a cut lies, the cut does not say.
var errBatch = errors.New("a watermark that moves between micro-batches cannot be replayed from a cut")

// errIdle refuses what brokers tell idle partitions, the greatest event time of
// others, where those have promised less.
var errIdle = errors.New("an idle record tells the greatest event time, which is more than this watermark promises")

// greatest tells whether a partition's frontier is its greatest event time, as
// brokers know it.
func greatest(k watermark.Kind) bool {
	return k == watermark.BoundedDisorder || k == watermark.Monotonic
}

// errTrigger refuses panes that follow from more than the cut: what the view shows at
// a cut would be another thing after a replay.
var errTrigger = errors.New("a trigger whose panes depend on how partitions interleave cannot be replayed to a cut")

func (o *WorkerOptions) plan() (*flow.Plan, error) {
	p := o.Pipeline
	switch kind := p.Watermark.Kind; kind {
	case watermark.Punctuated, watermark.Percentile, watermark.PerKey:
	default:
		if !greatest(kind) {
			return nil, errStrategy
		}
	}
	if p.Late.Rule == flow.Operator && p.Watermark.Across != watermark.Own && o.Partitions > 1 {
		return nil, errRule
	}
	if p.Watermark.InBatches() {
		return nil, errBatch
	}
	if o.Defect == DefectEarlyWatermark {
		early := *p
		early.Watermark.Bounded = max(0, early.Watermark.Bounded-100_000)
		p = &early
	}
	plan, err := p.Plan(o.Schema)
	if err == nil && plan.Trigger != nil && !plan.Trigger.Plain() {
		return nil, errTrigger
	}
	return plan, err
}

// Path is the row path that a worker with these options runs, at the beginning of the
// log, and its plan.
func (o *WorkerOptions) Path() (*flow.Plan, *operator.Path, error) {
	plan, err := o.plan()
	if err != nil {
		return nil, nil, fmt.Errorf("kappa: %w", err)
	}
	path := operator.NewPath(plan, int(o.Partitions))
	path.Plant(string(o.Defect)) // of others it knows nothing
	path.Refuse()
	return plan, path, nil
}

// StartWorker returns the start of a worker.
func StartWorker(opts WorkerOptions) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if opts.Credit == 0 {
			opts.Credit = 1 << 20
		}
		if opts.Checkpoint.Bytes == 0 {
			opts.Checkpoint.Bytes = 4 << 20
		}
		if opts.Retry == 0 {
			opts.Retry = 700 * engine.Millisecond
		}
		w := &Worker{opts: opts, env: env, epoch: env.Boot, silent: true}
		var err error
		if w.plan, w.path, err = opts.Path(); err != nil {
			return nil, err
		}
		w.panes = panes.Of(w.plan, w.path)
		w.inputs, w.refused = make([]input, opts.Partitions), make([]int64, opts.Partitions)
		w.reached = make([]protocol.Cut, opts.Partitions)
		for i := range w.reached {
			w.reached[i] = protocol.LogStart()
		}
		w.requests = uint64(env.Boot) << 32
		if opts.Checkpoint.Store != 0 {
			return w, w.open(fx)
		}
		if err := w.restore(); err != nil {
			return nil, fmt.Errorf("kappa: checkpoint: %w", err)
		}
		w.begin(fx)
		return w, nil
	}
}

// begin goes on from the checkpoint that there was: it asks where the view stands.
func (w *Worker) begin(fx *engine.Effects) {
	if w.restored > 0 {
		w.env.Sometimes("kappa.restore")
	}
	if w.restored > 1 {
		w.env.Sometimes("kappa.restore-deltas")
	}
	w.askView(fx)
}

// Step handles one message.
func (w *Worker) Step(ev engine.Event, fx *engine.Effects) {
	w.now = ev.Now
	switch m := ev.Msg.(type) {
	case protocol.Fetched:
		w.fetched(m, fx)
	case protocol.Pinned:
		w.pinned(m, fx)
	case serving.Published:
		w.published(m, fx)
	case fetchAgain:
		w.askAgain(m, fx)
	case publishAgain:
		w.publishAgain(fx)
	case stored:
		w.stored(m, fx)
	case blob.Got, blob.Done, blob.Listed, caller.Again:
		w.fromStore(m, fx)
	}
}

// errState is a contradiction between the worker, the log and the view.
var errState = errors.New("kappa: the log or the view contradicts this worker")

// process takes a batch of a partition in, which must be the next one.
func (w *Worker) process(part int32, b *protocol.Batch, fx *engine.Effects) error {
	at := &w.reached[part]
	if b.End() <= at.Offset {
		return nil
	}
	if b.Base != at.Offset {
		return fmt.Errorf("%w: partition %d goes from offset %d to %d", errState, part, at.Offset, b.Base)
	}
	if b.Idle {
		if b.Producer == 0 && !greatest(w.plan.Pipeline.Watermark.Kind) {
			return fmt.Errorf("kappa: partition %d, offset %d: %w", part, b.Base, errIdle)
		}
		w.path.Idle(int(part), b.TimeMax)
	} else if err := w.take(part, b, fx); err != nil {
		return err
	}
	// Not the batch's greatest event time: rows too far in the future are in that.
	*at = protocol.Cut{Offset: b.End(), Frontier: w.path.Entry().Frontier(int(part))}
	w.saving.bytes += int64(len(b.Payload))
	if err := w.drain(); err != nil {
		return err
	}
	if !w.ended && w.atEnd() {
		w.ended = true
		w.path.Close()
		return w.drain()
	}
	return nil
}

// take takes the rows of a batch in, but for those that it has to refuse.
func (w *Worker) take(part int32, b *protocol.Batch, fx *engine.Effects) error {
	rows, err := w.decode.Batch(part, b)
	if err == nil {
		err = same(rows.Schema, w.opts.Schema)
	}
	if err != nil && w.opts.Defect == DefectPoisonPill {
		return err
	}
	if err != nil {
		w.refuseBatch(part, b, err)
		return nil
	}
	if w.opts.Defect == DefectWallClock {
		for i := range rows.Appends {
			rows.Appends[i] = int64(w.now.EventTime())
		}
	}
	before := w.Counts()
	if err := w.path.Process(rows); err != nil {
		return err
	}
	w.refuseRows()
	w.probe(&before)
	fx.Work += int64(rows.Rows) * rowWork
	return nil
}

// probe notes what the operator has done with a batch.
func (w *Worker) probe(before *operator.Counts) {
	if w.env.Hooks == nil {
		return
	}
	now := w.Counts()
	if now.PairsRevised > before.PairsRevised {
		w.env.Sometimes("operator.revision")
	}
	if now.PairsDropped > before.PairsDropped {
		w.env.Sometimes("operator.dropped")
	}
	if now.RowsBehind > before.RowsBehind && now.PairsRevised == before.PairsRevised && now.PairsDropped == before.PairsDropped {
		w.env.Sometimes("operator.behind-and-on-time")
	}
	if w.silent {
		w.env.Sometimes("kappa.replay")
	}
}

// rowWork is the virtual CPU time of one row, in ns.
const rowWork = 100

// atEnd reports whether every partition has said that nothing will come.
func (w *Worker) atEnd() bool {
	for _, c := range w.reached {
		if c.Frontier != endOfInput {
			return false
		}
	}
	return true
}

// drain collects the panes that are due. While the worker replays, they are in the
// view already.
func (w *Worker) drain() error {
	if w.silent {
		return w.panes.Drain(nil)
	}
	return w.panes.Drain(w.pending.put)
}

// watermark is the job's at the cut that it has reached.
func (w *Worker) watermark() int64 { return w.path.Watermark() }
