package operator

import (
	"errors"
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/waiting"
	"parallax/engine/flow/watermark"
)

// ErrPartition is returned for a batch of a partition that the job does not
// have.
var ErrPartition = errors.New("operator: no such partition")

// Path is the row path of one plan in one place: entry, filters and projections,
// keys, windowed aggregation, and results. The plan's programs own memory, so a
// plan serves one Path.
type Path struct {
	plan   *flow.Plan
	entry  *Entry
	first  intake    // leads rows to the first windows
	last   windows   // the first stage's
	sliced *Windowed // last, if it is one: it can use what the entry knows of a batch
	links  []*link   // the stages after it
	having steps
	told   int64 // the combined frontier that the last part knows of
	pumped bool  // every link knows all that the stage before it has to say
	err    error // of a link

	refusing bool // rows for which an expression has no value, instead of ending
	refusals []*expr.RowError
	kept     []int32 // the selection of a batch of which rows were refused
}

// NewPath runs a plan over so many partitions, all known from the start: one
// that has no rows holds the windows of all (unless across is own).
func NewPath(plan *flow.Plan, partitions int) *Path {
	config := Config{
		Window: plan.Window, Watermark: plan.Pipeline.Watermark, Late: plan.Pipeline.Late,
		Trigger: plan.Trigger, Functions: plan.Functions(), Partitions: partitions, CountAt: countAt(&plan.Stage),
		Combined: together(plan.Pipeline),
	}
	p := &Path{
		plan:   plan,
		entry:  NewEntry(plan.Pipeline.Watermark, partitions),
		first:  newIntake(&plan.Stage, partitions),
		having: newSteps(plan.Having),
		told:   column.NoFrontier,
	}
	if config.Combined {
		p.entry.combine(plan.Pipeline.IdleAfter, plan.Pipeline.AlignDrift)
		p.entry.idling.gather(plan.Pipeline.Watermark)
	}
	p.last = newWindows(config)
	p.sliced, _ = p.last.(*Windowed)
	p.chain()
	return p
}

// together tells whether rows are to be stamped with the frontier of all partitions
// rather than their own's.
func together(p *flow.Pipeline) bool {
	w := p.Watermark
	return p.IdleAfter > 0 || p.AlignDrift > 0 || w.Kind == watermark.Completeness || w.Across == watermark.Max || w.InBatches()
}

// Entry is the path's first part, with the frontiers and rejects.
func (p *Path) Entry() *Entry { return p.entry }

// Keyer numbers the keys of panes.
func (p *Path) Keyer() *Keyer { return p.results().keyer }

// RowKeyer numbers the keys by which rows are grouped: those that Counted and the
// Drops of Windowed tell of. Unless there are windows over results, they are the
// keys of panes.
func (p *Path) RowKeyer() *Keyer { return p.first.keyer }

// Windowed is where the path's rows end, with the counts and drops.
func (p *Path) Windowed() Tally { return p.last }

// Process takes the next batch of a partition in. The batch's frontiers are
// stamped and its selection set; nothing of it is kept. An error, which names the
// row where it can, leaves the path in the middle of the batch: it is of no
// further use.
func (p *Path) Process(b *column.Batch) error {
	if p.err != nil {
		return p.err
	}
	if err := p.stamp(b); err != nil {
		return err
	}
	if err := p.add(b); err != nil {
		return err
	}
	p.advance(int(b.Partition))
	return nil
}

// Front takes the next batch of a partition as far as the windows and leaves them
// alone, for those who judge rows by themselves: the batch is stamped, Counted
// tells rows and keys, and the result is what aggregate functions read, the path's
// own until the next call. A path is given all its batches by Front or all by
// Process.
func (p *Path) Front(b *column.Batch) (*aggregate.Input, error) {
	if err := p.stamp(b); err != nil {
		return nil, err
	}
	_, in, err := p.lead(b)
	return in, err
}

// FrontMarked is Front for a batch whose rows have their frontiers already, as those of
// an archive do: the path's own frontiers neither decide nor move, and a selection
// stays.
func (p *Path) FrontMarked(b *column.Batch) (*aggregate.Input, error) {
	if b.Partition < 0 || int(b.Partition) >= len(p.entry.frontiers) {
		return nil, fmt.Errorf("%w: %d of %d", ErrPartition, b.Partition, len(p.entry.frontiers))
	}
	p.refusals = p.refusals[:0]
	_, in, err := p.lead(b)
	return in, err
}

// stamp is the entry of a batch.
func (p *Path) stamp(b *column.Batch) error {
	if b.Partition < 0 || int(b.Partition) >= len(p.entry.frontiers) {
		return fmt.Errorf("%w: %d of %d", ErrPartition, b.Partition, len(p.entry.frontiers))
	}
	marks, err := p.marks(b)
	if err != nil {
		return err
	}
	p.first.near.fetch(b)
	p.entry.Stamp(b, marks)
	return nil
}

// advance tells the last part a partition's frontier, and where the partitions'
// are combined, that of all.
func (p *Path) advance(partition int) {
	p.pumped = false
	frontier := p.entry.told(partition)
	if p.entry.idling == nil {
		p.last.Advance(partition, frontier)
		return
	}
	if p.told == frontier {
		return
	}
	p.told = frontier
	for q := range p.entry.frontiers {
		p.last.Advance(q, frontier)
	}
}

// Idle takes in an idle record of a partition.
func (p *Path) Idle(partition int, frontier int64) {
	p.entry.Idle(partition, frontier)
	p.advance(partition)
}

// Pass lets processing time go on to now, in µs, without a record: who has been
// silent for long enough by then is idle, and a micro-batch may be over. It matters to
// idleness by timers and to micro-batches by periods alone.
func (p *Path) Pass(now int64) {
	if g := p.entry.idling; g != nil {
		if g.batch != nil {
			g.batch.pass(now, g.together())
		}
		g.pass(now)
		p.advance(0)
	}
}

// NextIdle is the moment from which on, if no record comes, a partition may be idle
// that was not before; it may be too early. It is waiting.Never without idleness by timers.
func (p *Path) NextIdle() int64 {
	if g := p.entry.idling; g != nil && g.silent != nil && g.begun {
		return g.silent.Next()
	}
	return waiting.Never
}

// Paused tells whether a partition is not to be read on for now: under alignment its
// watermark is too far ahead of the least. Package gate sees to it.
func (p *Path) Paused(partition int) bool {
	return p.entry.idling != nil && p.entry.idling.paused(partition)
}

// Close ends the input: every open window is due.
func (p *Path) Close() {
	p.last.Close()
	p.pumped = false
}

// Next sets pane to the next one that is due, or returns false. Where windows are
// over results, an expression may have no value for one of those: then Next returns
// false, Err says why, and the path is of no further use.
func (p *Path) Next(pane *Pane) bool {
	if len(p.links) == 0 {
		return p.last.Next(pane)
	}
	return p.pump() && p.links[len(p.links)-1].Next(pane)
}

// Err is why Next returned false, if not because nothing is due.
func (p *Path) Err() error { return p.err }

func (p *Path) add(b *column.Batch) error {
	view, input, err := p.lead(b)
	if err != nil {
		return err
	}
	if p.sliced != nil && view.Select == nil {
		p.sliced.extent = p.entry.extent
	}
	return p.last.Add(view, input, p.first.numbers, p.first.keyer.Len())
}

// Results makes the rows of a pane: key columns, the window's edges in milliseconds
// (rounded down) and the aggregates, filtered and projected by the plan's last steps.
// A Retraction has none, unless it is a trigger's. The batch is the path's own, valid until the next call;
// overflows counts results that did not fit their type and are null.
func (p *Path) Results(pane *Pane) (b *column.Batch, overflows int, err error) {
	out := &p.having.input
	overflows = p.results().finish(pane, out)
	b, err = p.having.run(out)
	return b, overflows, err
}
