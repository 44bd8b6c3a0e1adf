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

// Counts by city in windows of ten seconds. The row at 9 s comes when the
// partition's frontier is 14 s and its watermark, two seconds behind, has passed
// the window's end: it is dropped.
func Example() {
	count, err := expr.ParseCall("count()")
	if err != nil {
		panic(err)
	}
	const second = 1_000_000 // µs
	tumbling := window.Tumble(10*second, 0)
	pipeline := flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 2 * second},
		Steps: []flow.Step{
			{KeyBy: []string{"city"}},
			{Window: &tumbling},
			{Aggregates: []flow.Aggregate{{Name: "rows", Call: count}}},
		},
	}
	schema := column.Schema{{Name: "city", Type: column.TypeOf(column.String)}}
	plan, err := pipeline.Plan(schema)
	if err != nil {
		panic(err)
	}
	path := operator.NewPath(plan, 1)

	batch := column.Batch{Schema: schema, Columns: make([]column.Column, 1)}
	batch.Columns[0].Reset(schema[0].Type, new(column.Dict))
	for _, row := range []struct {
		at   int64
		city string
	}{{1, "Oslo"}, {4, "Rome"}, {3, "Oslo"}, {14, "Rome"}, {9, "Oslo"}} {
		batch.Columns[0].Append(column.Value{String: row.city})
		batch.Times = append(batch.Times, row.at*second)
		batch.Appends = append(batch.Appends, 20*second)
		batch.Rows++
	}
	if err := path.Process(&batch); err != nil {
		panic(err)
	}
	for _, d := range path.Windowed().Drops() {
		fmt.Printf("offset %d dropped: time %d s, watermark %d s\n", d.Offset, d.Time/second, d.Watermark/second)
	}
	path.Close()
	var pane operator.Pane
	for path.Next(&pane) {
		result, _, err := path.Results(&pane)
		if err != nil {
			panic(err)
		}
		for row := range result.Rows {
			for i := range result.Columns {
				fmt.Print(result.Columns[i].Value(row).Text(), " ")
			}
			fmt.Println(pane.Kind)
		}
	}
	// Output:
	// offset 4 dropped: time 9 s, watermark 12 s
	// Oslo 0 10000 2 on-time
	// Rome 0 10000 1 on-time
	// Rome 10000 20000 1 on-time
}
