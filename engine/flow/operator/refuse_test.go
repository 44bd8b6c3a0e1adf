package operator_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// TestVectorRefuse: a row for which an expression has no value ends a path, or is
// refused: it is in no window and no key, moves the frontier, and the rows beside it
// count, in whatever batches they come.
func TestVectorRefuse(t *testing.T) {
	call, err := expr.ParseCall("sum(v * 2)")
	if err != nil {
		t.Fatal(err)
	}
	filter, err := expr.Parse("100 % v < 101")
	if err != nil {
		t.Fatal(err)
	}
	w := window.Tumble(1_000_000, 0)
	schema := column.Schema{{Name: "v", Type: column.TypeOf(column.Int64)}}
	p := &flow.Pipeline{Steps: []flow.Step{{Filter: filter}, {KeyBy: []string{"v"}}, {Window: &w}, {Aggregates: []flow.Aggregate{{Name: "s", Call: call}}}}}
	values := []int64{3, 0, math.MaxInt64, 4, 0}
	batch := func(from, to int) *column.Batch {
		b := &column.Batch{Schema: schema, Rows: to - from, Offset: int64(from), Columns: make([]column.Column, 1)}
		b.Columns[0].Reset(schema[0].Type, nil)
		for i := from; i < to; i++ {
			b.Columns[0].Append(column.Value{Int: values[i]})
			b.Times, b.Appends = append(b.Times, int64(i)), append(b.Appends, 0)
		}
		return b
	}
	path := func() *operator.Path {
		plan, err := p.Plan(schema)
		if err != nil {
			t.Fatal(err)
		}
		return operator.NewPath(plan, 1)
	}
	var bad *expr.RowError
	if err := path().Process(batch(0, 5)); !errors.As(err, &bad) || bad.Offset != 1 {
		t.Errorf("without Refuse: %v", err)
	}
	for _, size := range []int{1, 2, 5} {
		path := path()
		path.Refuse()
		var refused []int64
		for from := 0; from < len(values); from += size {
			if err := path.Process(batch(from, min(from+size, len(values)))); err != nil {
				t.Fatal(err)
			}
			for _, r := range path.Refusals() {
				refused = append(refused, r.Offset)
			}
		}
		slices.Sort(refused)
		if !slices.Equal(refused, []int64{1, 2, 4}) || path.Entry().Frontier(0) != 4 || path.RowKeyer().Len() != 2 ||
			path.Windowed().Counts(0).PairsOnTime != 2 {
			t.Errorf("batches of %d: %v refused, frontier %d, %d keys, %+v", size, refused, path.Entry().Frontier(0),
				path.RowKeyer().Len(), path.Windowed().Counts(0))
		}
	}
}
