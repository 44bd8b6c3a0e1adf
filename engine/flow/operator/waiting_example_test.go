package operator_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Two partitions, of which one has come to 31 s and the other only to 14 s: the path
// says who keeps the window from firing, and at which watermark it fires.
func ExamplePath_Waiting() {
	const second = 1_000_000 // µs
	count, err := expr.ParseCall("count()")
	if err != nil {
		panic(err)
	}
	tumbling := window.Tumble(10*second, 0)
	plan, err := (&flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 2 * second},
		Steps:     []flow.Step{{Window: &tumbling}, {Aggregates: []flow.Aggregate{{Name: "rows", Call: count}}}},
	}).Plan(nil)
	if err != nil {
		panic(err)
	}
	path := operator.NewPath(plan, 2)
	for partition, times := range [][]int64{{12 * second, 31 * second}, {11 * second, 14 * second, 13 * second}} {
		b := column.Batch{Partition: int32(partition), Rows: len(times), Times: times, Appends: times}
		if err := path.Process(&b); err != nil {
			panic(err)
		}
	}
	w := path.Waiting()
	held := w.Inputs[w.Holder]
	fmt.Printf("watermark %d s, held by partition %d because of offset %d\n", w.Watermark/second, w.Holder, held.Set)
	for _, o := range w.Open {
		fmt.Printf("[%d s, %d s) has %d rows and fires at %d s\n", o.Start/second, o.End/second, o.Rows[0], o.Fires/second)
	}
	// Output:
	// watermark 12 s, held by partition 1 because of offset 1
	// [10 s, 20 s) has 4 rows and fires at 20 s
	// [30 s, 40 s) has 1 rows and fires at 40 s
}
