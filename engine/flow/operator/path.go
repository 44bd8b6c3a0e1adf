package operator

import (
	"errors"
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
)

// ErrPartition is returned for a batch of a partition that the job does not
// have.
var ErrPartition = errors.New("operator: no such partition")

// Path is the row path of one plan in one place: entry, filters and projections,
// keys, windowed aggregation, and results. The plan's programs own memory, so a
// plan serves one Path.
type Path struct {
	plan    *flow.Plan
	entry   *Entry
	keyer   *Keyer
	last    windows
	sliced  *Windowed // last, if it is one: it can use what the entry knows of a batch
	rows    steps
	having  steps
	numbers []uint32
	keyCols []*column.Column
	input   aggregate.Input
	wheres  [][]bool // scratch, by function
	told    int64    // the combined frontier that the last part knows of
}

// NewPath runs a plan over so many partitions, all known from the start: one
// that has no rows holds the windows of all (unless across is own).
func NewPath(plan *flow.Plan, partitions int) *Path {
	types := make([]column.Type, len(plan.Keys))
	for i, at := range plan.Keys {
		types[i] = plan.Schema[at].Type
	}
	config := Config{
		Window: plan.Window, Watermark: plan.Pipeline.Watermark, Late: plan.Pipeline.Late,
		Functions: plan.Functions(), Partitions: partitions, CountAt: countAt(plan),
		Combined: plan.Pipeline.IdleAfter > 0 || plan.Pipeline.Watermark.Kind == watermark.Completeness,
	}
	p := &Path{
		plan:    plan,
		entry:   NewEntry(plan.Pipeline.Watermark, partitions),
		keyer:   NewKeyer(types, partitions),
		rows:    newSteps(plan.Rows),
		having:  newSteps(plan.Having),
		keyCols: make([]*column.Column, len(plan.Keys)),
		wheres:  make([][]bool, len(plan.Aggregates)),
		told:    column.NoFrontier,
	}
	if config.Combined {
		p.entry.combine(plan.Pipeline.IdleAfter)
	}
	p.last = newWindows(config)
	p.sliced, _ = p.last.(*Windowed)
	p.input.Args = make([][]*column.Column, len(plan.Aggregates))
	p.input.Where = make([][]bool, len(plan.Aggregates))
	for i := range plan.Aggregates {
		p.input.Args[i] = make([]*column.Column, len(plan.Aggregates[i].Args))
	}
	return p
}

// countAt is 1 + the index of an aggregate that counts all rows, or 0.
func countAt(plan *flow.Plan) int {
	for i := range plan.Aggregates {
		a := &plan.Aggregates[i]
		if a.Where == nil && a.Function.String() == "count()" {
			return i + 1
		}
	}
	return 0
}

// Entry is the path's first part, with the frontiers and rejects.
func (p *Path) Entry() *Entry { return p.entry }

// Keyer numbers the path's keys.
func (p *Path) Keyer() *Keyer { return p.keyer }

// Windowed is the path's last part, with the counts and drops.
func (p *Path) Windowed() Tally { return p.last }

// Process takes the next batch of a partition in. The batch's frontiers are
// stamped and its selection set; nothing of it is kept. An error, which names the
// row where it can, leaves the path in the middle of the batch: it is of no
// further use.
func (p *Path) Process(b *column.Batch) error {
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
	err := p.front(b)
	return &p.input, err
}

// stamp is the entry of a batch.
func (p *Path) stamp(b *column.Batch) error {
	if b.Partition < 0 || int(b.Partition) >= len(p.entry.frontiers) {
		return fmt.Errorf("%w: %d of %d", ErrPartition, b.Partition, len(p.entry.frontiers))
	}
	var marks *column.Column
	if p.plan.Marker != nil {
		var err error
		if marks, err = p.plan.Marker.Eval(b); err != nil {
			return err
		}
	}
	p.entry.Stamp(b, marks)
	return nil
}

// advance tells the last part a partition's frontier, and where the partitions'
// are combined, that of all.
func (p *Path) advance(partition int) {
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

// Close ends the input: every open window is due.
func (p *Path) Close() { p.last.Close() }

// Next sets pane to the next one that is due, or returns false.
func (p *Path) Next(pane *Pane) bool { return p.last.Next(pane) }

func (p *Path) add(b *column.Batch) error {
	if err := p.front(b); err != nil {
		return err
	}
	view := p.input.Batch
	if p.sliced != nil && view.Select == nil {
		p.sliced.extent = p.entry.extent
	}
	return p.last.Add(view, &p.input, p.numbers, p.keyer.Len())
}

// front takes a stamped batch as far as the windows: the path's input is then
// what they read, and its numbers are the rows' keys.
func (p *Path) front(b *column.Batch) error {
	view, err := p.rows.run(b)
	if err != nil {
		return err
	}
	for i := range p.plan.Aggregates {
		if err := p.arguments(i, view); err != nil {
			return err
		}
	}
	for i, at := range p.plan.Keys {
		p.keyCols[i] = &view.Columns[at]
	}
	p.numbers = resize(p.numbers, b.Rows)
	p.keyer.Number(view, p.keyCols, p.numbers)
	p.input.Batch = view
	return nil
}

// arguments evaluates what an aggregate function reads. A row that the
// function's condition leaves out cannot fail in its arguments.
func (p *Path) arguments(i int, view *column.Batch) error {
	out := &p.plan.Aggregates[i]
	if out.Where != nil {
		c, err := out.Where.Eval(view)
		if err != nil {
			return err
		}
		p.input.Where[i] = c.Bools
		if c.Null != nil {
			p.wheres[i] = resize(p.wheres[i], view.Rows)
			for row, null := range c.Null {
				p.wheres[i][row] = c.Bools[row] && !null
			}
			p.input.Where[i] = p.wheres[i]
		}
	}
	for j, program := range out.Args {
		c, err := program.EvalWhere(view, p.input.Where[i])
		if err != nil {
			return err
		}
		p.input.Args[i][j] = c
	}
	return nil
}

// Results makes the rows of a pane: key columns, the window's edges in milliseconds
// (rounded down) and the aggregates, filtered and projected by the plan's last steps.
// A Retraction has none. The batch is the path's own, valid until the next call;
// overflows counts results that did not fit their type and are null.
func (p *Path) Results(pane *Pane) (b *column.Batch, overflows int, err error) {
	out := &p.having.input
	n, list := len(p.plan.Finished), pane.Keys
	if pane.Kind == Retraction {
		list = nil
	}
	out.Schema, out.Rows, out.Select = p.plan.Finished, len(list), nil
	out.Columns = resize(out.Columns, n)
	keys := len(p.plan.Keys)
	for i := range keys {
		p.keyer.AppendColumn(list, i, &out.Columns[i])
	}
	starts, ends := &out.Columns[keys], &out.Columns[keys+1]
	starts.Reset(column.TypeOf(column.Int64), nil)
	ends.Reset(column.TypeOf(column.Int64), nil)
	for i := range list {
		start, end := pane.Window(i)
		starts.Ints = append(starts.Ints, milliseconds(start))
		ends.Ints = append(ends.Ints, milliseconds(end))
	}
	for i := range p.plan.Aggregates {
		c := &out.Columns[keys+2+i]
		t := p.plan.Aggregates[i].Function.Result()
		var dict *column.Dict
		if t.Kind == column.String {
			dict = new(column.Dict)
		}
		c.Reset(t, dict)
		if len(list) > 0 {
			overflows += pane.Table.FinishColumn(pane.Groups, i, c)
		}
	}
	b, err = p.having.run(out)
	return b, overflows, err
}

// milliseconds rounds microseconds down. Plans have whole milliseconds for the
// lengths of windows; only sessions can begin between two.
func milliseconds(us int64) int64 {
	const micros = 1000
	if us < 0 && us%micros != 0 {
		return us/micros - 1
	}
	return us / micros
}

// steps runs filters and projections over batches.
type steps struct {
	list    []flow.RowStep
	input   column.Batch // for the owner's use
	view    column.Batch
	columns [][]column.Column // by step
	selects [][]int32         // by step
}

func newSteps(list []flow.RowStep) steps {
	return steps{list: list, columns: make([][]column.Column, len(list)), selects: make([][]int32, len(list))}
}

// run returns b as the steps leave it; without steps, b itself.
func (s *steps) run(b *column.Batch) (*column.Batch, error) {
	if len(s.list) == 0 {
		return b, nil
	}
	s.view = *b
	for i := range s.list {
		step := &s.list[i]
		if step.Filter != nil {
			if err := s.filter(i, step.Filter); err != nil {
				return nil, err
			}
			continue
		}
		columns := resize(s.columns[i], len(step.Project))
		for j, program := range step.Project {
			c, err := program.Eval(&s.view)
			if err != nil {
				return nil, err
			}
			columns[j] = *c
		}
		s.columns[i] = columns
		s.view.Columns, s.view.Schema = columns, step.Schema
	}
	return &s.view, nil
}

// filter narrows the selection to the rows for which the condition is true.
func (s *steps) filter(i int, program *expr.Program) error {
	keep, err := program.Select(&s.view, resize(s.selects[i], 0))
	s.selects[i], s.view.Select = keep, keep
	return err
}
