package operator

import (
	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

// intake is what leads rows to the windows of a stage and makes results of its
// panes: filters and projections, keys, the arguments of aggregates.
type intake struct {
	stage   *flow.Stage
	rows    steps
	keyer   *Keyer
	numbers []uint32
	keyCols []*column.Column
	input   aggregate.Input
	wheres  [][]bool // scratch, by function
	near    nearby
}

func newIntake(stage *flow.Stage, partitions int) intake {
	types := make([]column.Type, len(stage.Keys))
	for i, at := range stage.Keys {
		types[i] = stage.Schema[at].Type
	}
	t := intake{
		stage: stage, rows: newSteps(stage.Rows), keyer: NewKeyer(types, partitions),
		keyCols: make([]*column.Column, len(stage.Keys)), wheres: make([][]bool, len(stage.Aggregates)),
	}
	t.input.Args = make([][]*column.Column, len(stage.Aggregates))
	t.input.Where = make([][]bool, len(stage.Aggregates))
	for i := range stage.Aggregates {
		t.input.Args[i] = make([]*column.Column, len(stage.Aggregates[i].Args))
	}
	t.near = newNearby(stage)
	return t
}

// countAt is 1 + the index of an aggregate that counts all rows, or 0.
func countAt(stage *flow.Stage) int {
	for i := range stage.Aggregates {
		a := &stage.Aggregates[i]
		if a.Where == nil && a.Function.String() == "count()" {
			return i + 1
		}
	}
	return 0
}

// run takes a batch through the steps, and leaves its keys in numbers and what the
// aggregates read in input.
func (t *intake) run(b *column.Batch) (view *column.Batch, err error) {
	if view, err = t.rows.run(b); err != nil {
		return nil, err
	}
	for i := range t.stage.Aggregates {
		if err := t.arguments(i, view); err != nil {
			return nil, err
		}
	}
	for i, at := range t.stage.Keys {
		t.keyCols[i] = &view.Columns[at]
	}
	t.numbers = resize(t.numbers, b.Rows)
	t.keyer.Number(view, t.keyCols, t.numbers)
	t.input.Batch = view
	return view, nil
}

// arguments evaluates what an aggregate function reads. A row that the
// function's condition leaves out cannot fail in its arguments.
func (t *intake) arguments(i int, view *column.Batch) error {
	out := &t.stage.Aggregates[i]
	if out.Where != nil {
		c, err := out.Where.Eval(view)
		if err != nil {
			return err
		}
		t.input.Where[i] = c.Bools
		if c.Null != nil {
			t.wheres[i] = resize(t.wheres[i], view.Rows)
			for row, null := range c.Null {
				t.wheres[i][row] = c.Bools[row] && !null
			}
			t.input.Where[i] = t.wheres[i]
		}
	}
	for j, program := range out.Args {
		c, err := program.EvalWhere(view, t.input.Where[i])
		if err != nil {
			return err
		}
		t.input.Args[i][j] = c
	}
	return nil
}

// finish makes out the results that a pane of the stage holds; a Retraction has
// none, unless it is a trigger's.
func (t *intake) finish(pane *Pane, out *column.Batch) (overflows int) {
	n, list := len(t.stage.Finished), pane.Keys
	if pane.Kind == Retraction && pane.Records == nil {
		list = nil
	}
	out.Schema, out.Rows, out.Select = t.stage.Finished, len(list), nil
	out.Columns = resize(out.Columns, n)
	keys := len(t.stage.Keys)
	for i := range keys {
		t.keyer.AppendColumn(list, i, &out.Columns[i])
	}
	starts, ends := &out.Columns[keys], &out.Columns[keys+1]
	starts.Reset(column.TypeOf(column.Int64), nil)
	ends.Reset(column.TypeOf(column.Int64), nil)
	for i := range list {
		start, end := pane.Window(i)
		if t.stage.Window.Numbered() {
			starts.Ints, ends.Ints = append(starts.Ints, start), append(ends.Ints, end)
			continue
		}
		starts.Ints = append(starts.Ints, milliseconds(start))
		ends.Ints = append(ends.Ints, milliseconds(end))
	}
	for i := range t.stage.Aggregates {
		c := &out.Columns[keys+2+i]
		result := t.stage.Aggregates[i].Function.Result()
		var dict *column.Dict
		if result.Kind == column.String {
			dict = new(column.Dict)
		}
		c.Reset(result, dict)
		if len(list) > 0 {
			overflows += pane.Table.FinishColumn(pane.Groups, i, c)
		}
	}
	return overflows
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
