package oracle_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/sim/oracle"
)

// Three sales in windows of ten seconds. The one of second 4 comes when the
// partition has already shown second 13: with a bound of two seconds the window
// that ends at 10 is complete, and the row is dropped.
func Example() {
	const second = 1_000_000
	total, err := expr.ParseCall("sum(price)")
	if err != nil {
		panic(err)
	}
	ten := window.Tumble(10*second, 0)
	pipeline := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 2 * second},
		Steps:     []flow.Step{{Window: &ten}, {Aggregates: []flow.Aggregate{{Name: "total", Call: total}}}},
	}
	in := oracle.Input{Schema: column.Schema{{Name: "price", Type: column.TypeOf(column.Int64)}}, Partitions: 1}
	for offset, at := range []int64{3, 13, 4} {
		in.Rows = append(in.Rows, oracle.Row{
			Offset: int64(offset), Time: at * second, Append: 20 * second,
			Values: []column.Value{{Type: in.Schema[0].Type, Int: 100 * at}},
		})
	}
	r, err := oracle.Answer(pipeline, in)
	if err != nil {
		panic(err)
	}
	for _, w := range r.Windows {
		fmt.Println(w.Start/second, w.Final[0].Text(), "rows lost:", w.DroppedPairs)
	}
	for _, d := range r.Drops {
		fmt.Println("dropped: offset", d.Offset, "as the watermark stood at", d.Watermark/second)
	}
	// Output:
	// 0 300 rows lost: 1
	// 10 1300 rows lost: 0
	// dropped: offset 2 as the watermark stood at 11
}
