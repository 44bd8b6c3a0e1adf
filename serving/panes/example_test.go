package panes_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
	"parallax/serving"
	"parallax/serving/panes"
)

// A session that a late row lets grow is taken back before the longer one is shown.
func Example() {
	sessions := window.Sessions(10_000_000, window.Overlapping)
	job := &flow.Pipeline{Late: flow.Late{Allowed: 60_000_000}, Steps: []flow.Step{
		{Window: &sessions},
		{Aggregates: []flow.Aggregate{{Name: "n", Call: expr.CallExpr{Func: "count"}}}},
	}}
	plan, err := job.Plan(column.Schema{})
	if err != nil {
		fmt.Println(err)
		return
	}
	path := operator.NewPath(plan, 1)
	source := panes.Of(plan, path)
	for i, seconds := range []int64{1, 30, 6} {
		rows := &column.Batch{Rows: 1, Offset: int64(i), Times: []int64{seconds * 1_000_000}, Appends: []int64{0}}
		if err := path.Process(rows); err != nil {
			fmt.Println(err)
			return
		}
		err := source.Drain(func(_ uint32, row serving.Row) {
			fmt.Printf("from %d s to %d s, taken back: %v\n", row.Start/1_000_000, row.End/1_000_000, row.Accumulators == nil)
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// from 1 s to 11 s, taken back: false
	// from 1 s to 11 s, taken back: true
	// from 1 s to 16 s, taken back: false
}
