package flow_test

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// A pipeline is written as data, planned for a source's columns, and drawn.
func Example() {
	filter, _ := expr.Parse("content_length > 0")
	rows, _ := expr.ParseCall("count()")
	bytes, _ := expr.ParseCall("sum(content_length)")
	busy, _ := expr.Parse("rows > 100")
	fiveSeconds := window.Tumble(5_000_000, 0)
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 1_000_000},
		Steps: []flow.Step{
			{Filter: filter},
			{KeyBy: []string{"device_id"}},
			{Window: &fiveSeconds},
			{Aggregates: []flow.Aggregate{{Name: "rows", Call: rows}, {Name: "bytes", Call: bytes}}},
			{Filter: busy},
		},
	}
	plan, err := p.Plan(column.Schema{
		{Name: "device_id", Type: column.TypeOf(column.String)},
		{Name: "content_length", Type: column.TypeOf(column.Int64)},
	})
	if err != nil {
		panic(err)
	}
	fmt.Print(plan.Draw())

	p.Steps[1].KeyBy[0] = "device"
	_, err = p.Plan(plan.Input)
	fmt.Println(err)
	// Output:
	// source     device_id string, content_length int64
	//   |  merges across a cut
	// filter     content_length > 0
	//   |  merges across a cut
	// key_by     device_id
	//   |  merges across a cut
	// window     tumble: 5s
	//            bounded: 1s, across: min; late: log, allowed: 0s
	//   |  merges across a cut
	// aggregate  rows = count()
	//            bytes = sum(content_length)
	//   |
	// filter     rows > 100
	//   |
	// view       device_id string, window_start_ms int64, window_end_ms int64, rows int64, bytes int64
	// pipeline[1].key_by[0]: unknown column "device"; did you mean "device_id"?
}
