package operator_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/window"
)

// Every second row of a window is told at once; what a pane said is taken back before
// the next one comes.
func Example_trigger() {
	count, err := expr.ParseCall("count()")
	if err != nil {
		panic(err)
	}
	w := window.Tumble(10_000, 0)
	pipeline := &flow.Pipeline{
		Late: flow.Late{Allowed: 20_000},
		Steps: []flow.Step{
			{Window: &w},
			{Trigger: &trigger.Spec{Early: trigger.Firings{Rule: trigger.Rule{Count: 2}}, Panes: trigger.Retracting}},
			{Aggregates: []flow.Aggregate{{Name: "rows", Call: count}}},
		},
	}
	plan, err := pipeline.Plan(column.Schema{})
	if err != nil {
		panic(err)
	}
	path := operator.NewPath(plan, 1)
	times := []int64{1000, 2000, 3000, 15_000, 4000}
	if err := path.Process(&column.Batch{Rows: len(times), Times: times, Appends: times}); err != nil {
		panic(err)
	}
	path.Close()
	var pane operator.Pane
	for path.Next(&pane) {
		r := pane.Records[0]
		fmt.Printf("[%d, %d) %s: %s pane %d, %d rows\n", pane.Start, pane.End, pane.Kind, r.Timing, r.Index, pane.Table.Finish(pane.Groups[0], 0).Int)
	}
	// Output:
	// [0, 10000) early: early pane 0, 2 rows
	// [0, 10000) retraction: early pane 0, 2 rows
	// [0, 10000) on-time: on-time pane 1, 3 rows
	// [0, 10000) retraction: on-time pane 1, 3 rows
	// [0, 10000) revision: late pane 2, 4 rows
	// [10000, 20000) on-time: on-time pane 0, 1 rows
}
