package operator_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// Clicks of one visitor in sessions without a gap of ten seconds. The click at 8 s
// comes when the watermark has reached 25 s and the session [0 s, 13 s) has fired: it
// is a revision, for another minute, and makes the session longer. What the view has
// of it is taken back first.
func ExampleSessions() {
	const second = 1_000_000 // µs
	count, err := expr.ParseCall("count()")
	if err != nil {
		panic(err)
	}
	visits := window.Sessions(10*second, window.Overlapping)
	pipeline := flow.Pipeline{
		Late:  flow.Late{Allowed: 60 * second},
		Steps: []flow.Step{{Window: &visits}, {Aggregates: []flow.Aggregate{{Name: "clicks", Call: count}}}},
	}
	plan, err := pipeline.Plan(column.Schema{})
	if err != nil {
		panic(err)
	}
	path := operator.NewPath(plan, 1)
	click := func(at int64) {
		batch := column.Batch{Rows: 1, Times: []int64{at * second}, Appends: []int64{at * second}}
		if err := path.Process(&batch); err != nil {
			panic(err)
		}
	}
	drain := func() {
		var pane operator.Pane
		for path.Next(&pane) {
			for i := range pane.Keys {
				start, end := pane.Window(i)
				fmt.Printf("%s [%d s, %d s)", pane.Kind, start/second, end/second)
				if pane.Kind != operator.Retraction {
					fmt.Printf(" %d", pane.Table.Finish(pane.Groups[i], 0).Int)
				}
				fmt.Println()
			}
		}
	}
	for _, at := range []int64{0, 3, 25, 8} {
		click(at)
		drain()
	}
	path.Close()
	drain()
	// Output:
	// on-time [0 s, 13 s) 2
	// retraction [0 s, 13 s)
	// revision [0 s, 18 s) 3
	// on-time [25 s, 35 s) 1
}
