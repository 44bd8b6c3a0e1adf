package replay

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/serving"
	"parallax/serving/panes"
)

// Errors of a run.
var (
	ErrJob = errors.New("replay: not a job that can be gone on with from a cut")
	ErrGap = errors.New("replay: the log leaves something out")
)

// Options describe a run.
type Options struct {
	Pipeline   *flow.Pipeline
	Schema     column.Schema
	Partitions int
	Defect     Defect
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect string

// The defects.
const (
	DefectNone   Defect = ""
	DefectAnew   Defect = "anew"   // begins at the cut with nothing open, as if no row were below it
	DefectStands Defect = "stands" // what has grown into something else goes on to be shown
	DefectSilent Defect = "silent" // frontiers that idle records have raised are not told to the path
)

// endOfInput is the frontier of a partition to which nothing will be appended.
const endOfInput = math.MaxInt64

// Run is a row path at a cut, with what it has shown.
type Run struct {
	opts    Options
	plan    *flow.Plan
	path    *operator.Path
	panes   *panes.Source
	shown   serving.Table
	cut     []protocol.Cut
	refused []int64 // rows below the cut, by partition
	ended   bool    // all partitions have

	decode    tail.Decoder
	need      []bool // columns of the input
	part      column.Batch
	frontiers []int64
}

// New is a run at the log's beginning.
func New(o Options) (*Run, error) {
	plan, err := o.Pipeline.Plan(o.Schema)
	if err != nil {
		return nil, err
	}
	if way, why := fold.Choose(plan, o.Partitions); way == fold.Neither {
		return nil, fmt.Errorf("%w: %s", ErrJob, why)
	}
	if o.Pipeline.Watermark.Kind == watermark.Completeness {
		return nil, fmt.Errorf("%w: a watermark that follows what the operator finds late", ErrJob)
	}
	r := &Run{
		opts: o, plan: plan, path: operator.NewPath(plan, o.Partitions),
		cut: make([]protocol.Cut, o.Partitions), refused: make([]int64, o.Partitions), need: make([]bool, len(o.Schema)),
	}
	r.path.Refuse()
	r.panes = panes.Of(plan, r.path)
	for p := range r.cut {
		r.cut[p] = protocol.LogStart()
	}
	for _, name := range o.Pipeline.Reads() {
		if at := o.Schema.Index(name); at >= 0 {
			r.need[at] = true
		}
	}
	return r, nil
}

// greatest tells whether a partition's frontier is its greatest event time, which is what
// brokers and archives know of it.
func (r *Run) greatest() bool {
	k := r.opts.Pipeline.Watermark.Kind
	return k == watermark.BoundedDisorder || k == watermark.Monotonic
}

// Take takes the next record of a partition's log in, and returns how many rows it holds.
// What cannot be read, or is of other columns, is refused whole, as a worker does.
func (r *Run) Take(part int, b *protocol.Batch) (rows int, err error) {
	at := &r.cut[part]
	if b.Base != at.Offset {
		return 0, fmt.Errorf("%w: partition %d goes from offset %d to %d", ErrGap, part, at.Offset, b.Base)
	}
	if b.Idle {
		if b.Producer == 0 && !r.greatest() {
			return 0, fmt.Errorf("%w: partition %d, offset %d: an idle record tells the greatest event time, which is more than its watermark promises",
				ErrJob, part, b.Base)
		}
		r.path.Idle(part, b.TimeMax)
	} else if rows, err = r.takeRows(part, b); err != nil {
		return rows, err
	}
	*at = protocol.Cut{Offset: b.End(), Frontier: r.path.Entry().Frontier(part)}
	return rows, r.settle()
}

func (r *Run) takeRows(part int, b *protocol.Batch) (rows int, err error) {
	batch, err := r.decode.Batch(int32(part), b)
	if err != nil || !slices.Equal(batch.Schema, r.opts.Schema) {
		r.refused[part] += int64(b.Count)
		return 0, nil
	}
	if err := r.path.Process(batch); err != nil {
		return 0, err
	}
	r.refused[part] += int64(len(r.path.Refusals()))
	return batch.Rows, nil
}

// settle shows what is due, and ends the path when all partitions have ended.
func (r *Run) settle() error {
	if err := r.drain(); err != nil || r.ended {
		return err
	}
	for _, c := range r.cut {
		if c.Frontier != endOfInput {
			return nil
		}
	}
	r.ended = true
	r.path.Close()
	return r.drain()
}

// drain takes the panes that are due into what is shown.
func (r *Run) drain() error {
	return r.panes.Drain(func(_ uint32, row serving.Row) {
		if row.Accumulators != nil || r.opts.Defect != DefectStands {
			r.shown.Put(&row)
		}
	})
}

// Cut is how far the run has come. It is the run's own and is not to be changed.
func (r *Run) Cut() []protocol.Cut { return r.cut }

// Plan is what is run.
func (r *Run) Plan() *flow.Plan { return r.plan }

// Watermark is the job's at the cut.
func (r *Run) Watermark() int64 { return r.path.Watermark() }

// Shown are the rows that stand at the cut.
func (r *Run) Shown() *serving.Table { return &r.shown }

// Refused is how many rows of a partition below the cut were refused.
func (r *Run) Refused(part int) int64 { return r.refused[part] }

// Pairs is how many (row, window) pairs below the cut count, and how many were dropped.
// Of windows over results, they are those of the rows.
func (r *Run) Pairs() (counted, dropped int64) {
	for p := range r.cut {
		c := r.path.Windowed().Counts(p)
		counted, dropped = counted+c.PairsOnTime+c.PairsRevised, dropped+c.PairsDropped
	}
	return counted, dropped
}
