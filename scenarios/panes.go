package scenarios

import (
	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
)

// paneView is what a reader makes of the panes of a trigger: of every (key, window)
// the accumulators. An accumulating pane replaces what was there, a discarding one
// adds to it, a retraction takes it away before the next pane comes.
type paneView struct {
	mode  trigger.Mode
	sums  *aggregate.Table
	cells []cellKey
	at    map[cellKey]uint32 // group in sums
	list  *paneTable         // or nil
}

func newPaneView(plan *flow.Plan, list bool) *paneView {
	v := &paneView{mode: plan.Trigger.Panes, sums: aggregate.NewTable(plan.Functions()), at: map[cellKey]uint32{}}
	if list {
		v.list = newPaneTable(plan)
	}
	return v
}

// apply takes a pane in.
func (v *paneView) apply(p *operator.Pane, path *operator.Path) error {
	for i, key := range p.Keys {
		k := cellKey{key, p.Start, p.End}
		group, ok := v.at[k]
		if !ok {
			group = uint32(len(v.cells))
			v.at[k], v.cells = group, append(v.cells, k)
			v.sums.Grow(len(v.cells))
		}
		if p.Kind == operator.Retraction || v.mode == trigger.Accumulating {
			v.sums.Clear(group)
		}
		if p.Kind != operator.Retraction {
			v.sums.Merge(group, p.Table, p.Groups[i])
		}
	}
	if v.list == nil {
		return nil
	}
	b, _, err := path.Results(p)
	if err != nil {
		return err
	}
	v.list.add(p, b)
	return nil
}

// final is the view's rows, and their (key, window)s; overflows counts results that
// did not fit their type and are null.
func (v *paneView) final(path *operator.Path) (t *Table, cells []cellKey, overflows int, err error) {
	p := operator.Pane{Table: v.sums}
	for group, c := range v.cells {
		p.Keys, p.Groups = append(p.Keys, c.key), append(p.Groups, uint32(group))
		p.Starts, p.Ends = append(p.Starts, c.start), append(p.Ends, c.end)
	}
	b, overflows, err := path.Results(&p)
	if err != nil {
		return nil, nil, 0, err
	}
	t = newTable(b.Schema)
	for c := range b.Columns {
		appendColumn(&t.Columns[c], &b.Columns[c])
	}
	t.Rows = b.Rows
	return t, v.cells, overflows, nil
}

// paneTable is a list of panes.
type paneTable struct {
	keys  int // columns
	table *Table
	row   []column.Value
}

// paneColumns is what the list of panes says of each, between the window's edges and
// the aggregates.
var paneColumns = column.Schema{
	{Name: "pane_index", Type: column.TypeOf(column.Int64)},
	{Name: "retraction", Type: column.TypeOf(column.Bool)},
	{Name: "pane", Type: column.TypeOf(column.String)},
	{Name: "on_time_index", Type: column.TypeOf(column.Int64)},
	{Name: "first", Type: column.TypeOf(column.Bool)},
	{Name: "last", Type: column.TypeOf(column.Bool)},
	{Name: "new_rows", Type: column.TypeOf(column.Int64)},
	{Name: "clock_us", Type: column.TypeOf(column.Int64)},
	{Name: "timestamp_us", Type: column.TypeOf(column.Int64)}, // of the result: the window's end less one
}

// newPaneTable is a list without panes. A key's or an aggregate's column whose name
// is taken gets "key_" or "value_" before it.
func newPaneTable(plan *flow.Plan) *paneTable {
	keys := len(plan.Keys)
	var schema column.Schema
	for i, f := range plan.Finished {
		prefix := "value_"
		if i < keys {
			prefix = "key_"
		}
		for paneColumns.Index(f.Name) >= 0 || schema.Index(f.Name) >= 0 {
			f.Name = prefix + f.Name
		}
		if schema = append(schema, f); i == keys+1 {
			schema = append(schema, paneColumns...)
		}
	}
	return &paneTable{keys: keys, table: newTable(schema)}
}

// add lists the rows of a pane; b holds its results.
func (t *paneTable) add(p *operator.Pane, b *column.Batch) {
	for i := range p.Keys {
		values := make([]column.Value, len(b.Columns))
		for c := range values {
			values[c] = b.Columns[c].Value(i)
		}
		t.one(values, &p.Records[i], p.Kind == operator.Retraction, p.End)
	}
}

// one lists a pane of one (key, window): values are its key, the window's edges and
// the aggregates.
func (t *paneTable) one(values []column.Value, r *trigger.Record, retraction bool, end int64) {
	integer := func(v int64) column.Value {
		return column.Value{Type: column.TypeOf(column.Int64), Int: v, Null: v == watermark.None}
	}
	flag := func(v bool) column.Value { return column.Value{Type: column.TypeOf(column.Bool), Bool: v} }
	t.row = append(append(t.row[:0], values[:t.keys+2]...),
		integer(r.Index), flag(retraction), column.Value{Type: column.TypeOf(column.String), String: r.Timing.String()},
		integer(r.OnTimeIndex), flag(r.First), flag(r.Last), integer(r.Rows), integer(r.At), integer(end-1))
	t.table.add(append(t.row, values[t.keys+2:]...))
}

// sorted is the list by key, window and index, each retraction behind the pane that
// it takes back.
func (t *paneTable) sorted() *Table { return t.table.sorted(t.keys + 4) }
