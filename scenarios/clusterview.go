package scenarios

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/serving"
)

// errView is a view that is not the one of this job.
var errView = errors.New("scenarios: the view is of another job")

// viewTable collects the finished rows of a view server.
type viewTable struct {
	plan  *flow.Plan
	table *Table
	keys  []column.Type
	given []column.Type // of finished values
	row   []column.Value
}

func newViewTable(plan *flow.Plan) *viewTable {
	last := plan.Last()
	v := &viewTable{plan: plan, table: newTable(last.Finished)}
	for _, k := range last.Keys {
		v.keys = append(v.keys, last.Schema[k].Type)
	}
	for _, fn := range last.Functions() {
		v.given = append(v.given, fn.Result())
	}
	return v
}

// add takes one row in; start and end are microseconds.
func (v *viewTable) add(key []byte, start, end int64, values []column.Value) error {
	tuple, err := serving.DecodeKey(key, v.keys)
	if err != nil || len(values) != len(v.given) {
		return fmt.Errorf("%w: %d values, %v", errView, len(values), err)
	}
	integer := column.TypeOf(column.Int64)
	if !v.plan.Last().Window.Numbered() {
		const micros = 1000
		start, end = floorDiv(start, micros), floorDiv(end, micros)
	}
	v.row = append(v.row[:0], tuple...)
	v.row = append(v.row, column.Value{Type: integer, Int: start}, column.Value{Type: integer, Int: end})
	v.table.add(append(v.row, values...))
	return nil
}

// results is the answer that the view gives: sorted, and behind the pipeline's
// last steps.
func (v *viewTable) results() (*Table, error) {
	return having(v.plan.Having, v.table.sorted(len(v.keys)+2))
}

// finish makes the answer of a view's rows with their accumulators; overflows
// counts results that do not fit their types and are null.
func (v *viewTable) finish(rows []serving.Row) (t *Table, overflows int, err error) {
	one := aggregate.NewTable(v.plan.Last().Functions())
	one.Grow(1)
	values := make([]column.Value, len(v.given))
	for i := range rows {
		r := &rows[i]
		rest, err := one.Load(0, r.Accumulators)
		if err != nil || len(rest) > 0 {
			return nil, 0, fmt.Errorf("%w: %d bytes behind the accumulators, %v", errView, len(rest), err)
		}
		for fn := range values {
			values[fn] = one.Finish(0, fn)
			if values[fn].Null && one.Overflows(0, fn) {
				overflows++
			}
		}
		if err := v.add(r.Key, r.Start, r.End, values); err != nil {
			return nil, 0, err
		}
	}
	t, err = v.results()
	return t, overflows, err
}

// answered takes in a page of the view's answers.
func (v *viewTable) answered(rows []serving.Result) error {
	for i := range rows {
		r := &rows[i]
		values, err := serving.DecodeKey(r.Values, v.given)
		if err != nil {
			return fmt.Errorf("%w: %w", errView, err)
		}
		if err := v.add(r.Key, r.Start, r.End, values); err != nil {
			return err
		}
	}
	return nil
}

// Top is the k rows with the greatest values in a column, from the greatest on; nulls come
// last, and of equal ones the first. It is nil if there is no such column.
func (t *Table) Top(name string, k int) *Table {
	at := t.Schema.Index(name)
	if at < 0 {
		return nil
	}
	order := make([]int32, t.Rows)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		v, w := t.Value(int(a), at), t.Value(int(b), at)
		if v.Null || w.Null {
			return nullsLast(v.Null, w.Null)
		}
		return w.Compare(v)
	})
	return t.chosen(order[:min(k, len(order))])
}

func nullsLast(v, w bool) int {
	switch {
	case v == w:
		return 0
	case v:
		return 1
	}
	return -1
}
