package operator_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// The greatest price in any ten seconds. The trade at 8 s comes when the watermark has
// reached 25 s: it is a revision of the windows that hold 8 s and have fired, and makes
// another, which ends at it.
func Example_sliding() {
	const second = 1_000_000 // µs
	most, err := expr.ParseCall("max(price)")
	if err != nil {
		panic(err)
	}
	trades := window.Slide(10*second, second)
	pipeline := flow.Pipeline{
		Late:  flow.Late{Allowed: 60 * second},
		Steps: []flow.Step{{Window: &trades}, {Aggregates: []flow.Aggregate{{Name: "most", Call: most}}}},
	}
	price := column.Field{Name: "price", Type: column.TypeOf(column.Int64)}
	plan, err := pipeline.Plan(column.Schema{price})
	if err != nil {
		panic(err)
	}
	path := operator.NewPath(plan, 1)
	drain := func() {
		var pane operator.Pane
		for path.Next(&pane) {
			for i := range pane.Keys {
				start, end := pane.Window(i)
				fmt.Printf("%s [%d s, %d s) %d\n", pane.Kind, start/second, end/second, pane.Table.Finish(pane.Groups[i], 0).Int)
			}
		}
	}
	for _, trade := range []struct{ at, price int64 }{{0, 70}, {9, 50}, {25, 60}, {8, 90}} {
		times := []int64{trade.at * second}
		batch := column.Batch{
			Schema: plan.Input, Rows: 1, Times: times, Appends: times,
			Columns: []column.Column{{Type: price.Type, Ints: []int64{trade.price}}},
		}
		if err := path.Process(&batch); err != nil {
			panic(err)
		}
		drain()
	}
	path.Close()
	drain()
	// Output:
	// on-time [-10 s, 1 s) 70
	// on-time [-1 s, 10 s) 70
	// on-time [1 s, 12 s) 50
	// revision [-2 s, 9 s) 90
	// revision [-1 s, 10 s) 90
	// revision [1 s, 12 s) 90
	// revision [9 s, 20 s) 50
	// on-time [15 s, 26 s) 60
}
