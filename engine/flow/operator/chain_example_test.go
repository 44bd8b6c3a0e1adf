package operator_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// Clicks are counted by ten seconds, and the greatest of these counts is found for
// each minute. The click at 5 s comes when the window of three clicks from 0 s on has
// fired, and the minute as well: both are revised, and of the window's two results the
// minute has the later one only.
func ExamplePath_windowsOverResults() {
	const second = 1_000_000 // µs
	call := func(src string) expr.CallExpr {
		c, err := expr.ParseCall(src)
		if err != nil {
			panic(err)
		}
		return c
	}
	tens, minutes := window.Tumble(10*second, 0), window.Tumble(60*second, 0)
	pipeline := flow.Pipeline{
		Late: flow.Late{Allowed: 120 * second},
		Steps: []flow.Step{
			{Window: &tens},
			{Aggregates: []flow.Aggregate{{Name: "clicks", Call: call("count()")}}},
			{Window: &minutes},
			{Aggregates: []flow.Aggregate{
				{Name: "tens", Call: call("count()")}, {Name: "most", Call: call("max(clicks)")},
			}},
		},
	}
	plan, err := pipeline.Plan(column.Schema{})
	if err != nil {
		panic(err)
	}
	path := operator.NewPath(plan, 1)
	drain := func() {
		var pane operator.Pane
		for path.Next(&pane) {
			fmt.Printf("%s [%d s, %d s)", pane.Kind, pane.Start/second, pane.End/second)
			for i := range pane.Keys {
				fmt.Printf(" %d tens, most %d", pane.Table.Finish(pane.Groups[i], 0).Int, pane.Table.Finish(pane.Groups[i], 1).Int)
			}
			fmt.Println()
		}
		if err := path.Err(); err != nil {
			panic(err)
		}
	}
	for _, at := range []int64{0, 3, 4, 25, 26, 61, 5} {
		batch := column.Batch{Rows: 1, Times: []int64{at * second}, Appends: []int64{at * second}}
		if err := path.Process(&batch); err != nil {
			panic(err)
		}
		drain()
	}
	path.Close()
	drain()
	// Output:
	// on-time [0 s, 60 s) 2 tens, most 3
	// revision [0 s, 60 s) 2 tens, most 4
	// on-time [60 s, 120 s) 1 tens, most 1
}
