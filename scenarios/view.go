package scenarios

import (
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// cellKey is a (key, window), the key by number.
type cellKey struct {
	key        uint32
	start, end int64
}

// view is the last result of every (key, window): a revision replaces what came
// before it.
type view struct {
	table *Table
	cells []cellKey         // of the rows
	at    map[cellKey]int32 // row of the last result; nil when nothing is revised
	stale []bool            // rows that were replaced
	found bool              // a row was replaced
}

func newView(plan *flow.Plan) *view {
	v := &view{table: newTable(plan.Last().Finished)}
	if plan.Pipeline.Late.Allowed > 0 || plan.Window.Kind == window.Session {
		v.at = map[cellKey]int32{}
	}
	return v
}

// apply takes a pane's rows in; b holds one for each of its keys.
func (v *view) apply(p *operator.Pane, b *column.Batch) {
	for c := range b.Columns {
		appendColumn(&v.table.Columns[c], &b.Columns[c])
	}
	for i, key := range p.Keys {
		start, end := p.Window(i)
		v.cells = append(v.cells, cellKey{key, start, end})
	}
	if v.at != nil {
		for i := range p.Keys {
			row := int32(v.table.Rows + i)
			k := v.cells[row]
			v.stale = append(v.stale, false)
			if old, ok := v.at[k]; ok {
				v.stale[old], v.found = true, true
			}
			v.at[k] = row
		}
	}
	v.table.Rows += b.Rows
}

// retract forgets the sessions that a pane says stand no more.
func (v *view) retract(p *operator.Pane) {
	for i, key := range p.Keys {
		start, end := p.Window(i)
		k := cellKey{key, start, end}
		if old, ok := v.at[k]; ok {
			v.stale[old], v.found = true, true
			delete(v.at, k)
		}
	}
}

// appendColumn appends all rows of src; strings are interned anew.
func appendColumn(dst, src *column.Column) {
	rows := src.Len()
	before := dst.Len()
	switch dst.Type.Kind {
	case column.Bool:
		dst.Bools = append(dst.Bools, src.Bools...)
	case column.Int64, column.Timestamp:
		dst.Ints = append(dst.Ints, src.Ints...)
	case column.Float64:
		dst.Floats = append(dst.Floats, src.Floats...)
	case column.Decimal128:
		dst.Decimals = append(dst.Decimals, src.Decimals...)
	case column.String:
		for row, code := range src.Codes {
			if src.IsNull(row) {
				dst.Codes = append(dst.Codes, 0)
				continue
			}
			dst.Codes = append(dst.Codes, dst.Dict.Intern(src.Dict.Value(code)))
		}
	}
	if src.Null == nil && dst.Null == nil {
		return
	}
	if dst.Null == nil {
		dst.Null = make([]bool, before, before+rows)
	}
	if src.Null == nil {
		dst.Null = append(dst.Null, make([]bool, rows)...)
		return
	}
	dst.Null = append(dst.Null, src.Null...)
}

// final is the table, and the (key, window)s of its rows, without what was
// replaced.
func (v *view) final() (*Table, []cellKey) {
	if !v.found {
		return v.table, v.cells
	}
	keep := make([]int32, 0, v.table.Rows)
	for i, stale := range v.stale {
		if !stale {
			keep = append(keep, int32(i))
		}
	}
	return v.table.chosen(keep), pick(v.cells, keep)
}

// chosen is the table's rows in the given order.
func (t *Table) chosen(rows []int32) *Table {
	out := &Table{Schema: t.Schema, Columns: make([]column.Column, len(t.Columns)), Rows: len(rows)}
	for c := range out.Columns {
		out.Columns[c] = permute(&t.Columns[c], rows)
	}
	return out
}

// having runs the steps behind the aggregation over the final view.
func having(steps []flow.RowStep, t *Table) (*Table, error) {
	for i := range steps {
		s := &steps[i]
		b := &column.Batch{Schema: t.Schema, Columns: t.Columns, Rows: t.Rows}
		if s.Filter != nil {
			c, err := s.Filter.Eval(b)
			if err != nil {
				return nil, err
			}
			keep := make([]int32, 0, t.Rows)
			for row, ok := range c.Bools {
				if ok && !c.IsNull(row) {
					keep = append(keep, int32(row))
				}
			}
			t = t.chosen(keep)
			continue
		}
		out := newTable(s.Schema)
		for j, program := range s.Project {
			c, err := program.Eval(b)
			if err != nil {
				return nil, err
			}
			appendColumn(&out.Columns[j], c)
		}
		out.Rows = t.Rows
		t = out
	}
	return t, nil
}
