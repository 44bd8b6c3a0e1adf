package operator_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// The greatest price in every three trades. The trade at 4 s comes behind that at 9 s,
// but is counted before it; that at 3 s comes too late, and the last window is not full.
func Example_count() {
	const second = 1_000_000 // µs
	most, err := expr.ParseCall("max(price)")
	if err != nil {
		panic(err)
	}
	trades := window.Count(3)
	pipeline := flow.Pipeline{Steps: []flow.Step{{Window: &trades}, {Aggregates: []flow.Aggregate{{Name: "most", Call: most}}}}}
	pipeline.Watermark.Bounded = 5 * second
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
				fmt.Printf("rows [%d, %d): %d\n", start, end, pane.Table.Finish(pane.Groups[i], 0).Int)
			}
		}
	}
	for _, trade := range []struct{ at, price int64 }{{0, 70}, {2, 50}, {9, 90}, {4, 60}, {3, 99}, {11, 40}, {12, 30}} {
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
	fmt.Printf("%d on time, %d dropped\n", path.Windowed().Counts(0).PairsOnTime, path.Windowed().Counts(0).RowsDropped)
	// Output:
	// rows [0, 3): 70
	// rows [3, 6): 90
	// 6 on time, 1 dropped
}
