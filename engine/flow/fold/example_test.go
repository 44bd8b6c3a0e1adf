package fold_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

const second = 1_000_000

// clicks counts by key in windows of ten seconds, two seconds of disorder allowed for.
func clicks() *flow.Plan {
	tumble := window.Tumble(10*second, 0)
	count := expr.CallExpr{Func: "count"}
	p := flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 2 * second},
		Steps: []flow.Step{
			{KeyBy: []string{"page"}},
			{Window: &tumble},
			{Aggregates: []flow.Aggregate{{Name: "n", Call: count}}},
		},
	}
	plan, err := p.Plan(column.Schema{{Name: "page", Type: column.TypeOf(column.String)}})
	if err != nil {
		panic(err)
	}
	return plan
}

// batch is a click on /a at each time, in seconds.
func batch(offset int64, seconds ...int64) *column.Batch {
	dict := new(column.Dict)
	b := &column.Batch{
		Schema: clicks().Input, Offset: offset, Rows: len(seconds),
		Columns: []column.Column{{Type: column.TypeOf(column.String), Dict: dict}},
	}
	for _, s := range seconds {
		b.Times = append(b.Times, s*second)
		b.Columns[0].Append(column.Value{Type: column.TypeOf(column.String), String: "/a"})
	}
	b.Appends = b.Times
	return b
}

// A batch layer has folded the log up to a cut, a speed layer goes on from there with
// the cut's frontier alone, and their rows add up. The row at 9 s is late: 13 s has
// been seen, so the first window was complete.
func Example() {
	base, err := fold.New(clicks(), 1, fold.Options{})
	if err != nil {
		panic(err)
	}
	speed, err := fold.New(clicks(), 1, fold.Options{})
	if err != nil {
		panic(err)
	}
	if err := base.Add(batch(0, 1, 4, 13)); err != nil {
		panic(err)
	}
	speed.SetFrontier(0, base.Frontier(0))
	if err := speed.Add(batch(3, 9, 15)); err != nil {
		panic(err)
	}

	rows := base.Rows(nil)
	for _, r := range speed.Rows(nil) {
		if err := base.Merge([]fold.Row{r}); err != nil {
			panic(err)
		}
	}
	fmt.Println("batch:", rows[0].OnTime, "rows in the first window")
	base.Scan(0, 60*second, func(r *fold.Row) bool {
		fmt.Printf("from %2d s: %d on time, %d dropped\n", r.Start/second, r.OnTime, r.Dropped)
		return true
	})
	// Output:
	// batch: 2 rows in the first window
	// from  0 s: 2 on time, 1 dropped
	// from 10 s: 2 on time, 0 dropped
}
