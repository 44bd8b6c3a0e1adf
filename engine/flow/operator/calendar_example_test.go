package operator_test

import (
	"fmt"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/civil"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// Rows of a day in Berlin that has 23 hours, because clocks are put forward in it.
func Example_calendar() {
	days, err := civil.New(civil.Day, "Europe/Berlin", time.Monday)
	if err != nil {
		panic(err)
	}
	count, err := expr.ParseCall("count()")
	if err != nil {
		panic(err)
	}
	pipeline := flow.Pipeline{Steps: []flow.Step{
		{Window: &window.Spec{Kind: window.Calendar, Civil: days}},
		{Aggregates: []flow.Aggregate{{Name: "rows", Call: count}}},
	}}
	plan, err := pipeline.Plan(nil)
	if err != nil {
		panic(err)
	}
	path := operator.NewPath(plan, 1)
	midnight := time.Date(2024, time.March, 30, 23, 0, 0, 0, time.UTC) // in Berlin
	batch := column.Batch{}
	for _, after := range []time.Duration{0, 22*time.Hour + 59*time.Minute, 23 * time.Hour} {
		batch.Times = append(batch.Times, midnight.Add(after).UnixMicro())
		batch.Appends, batch.Rows = batch.Times, batch.Rows+1
	}
	if err := path.Process(&batch); err != nil {
		panic(err)
	}
	path.Close()
	var pane operator.Pane
	for path.Next(&pane) {
		start, end := pane.Window(0)
		fmt.Println(time.UnixMicro(start).UTC().Format(time.RFC3339), time.Duration(end-start)*time.Microsecond,
			pane.Table.Finish(pane.Groups[0], 0).Int)
	}
	// Output:
	// 2024-03-30T23:00:00Z 23h0m0s 2
	// 2024-03-31T22:00:00Z 24h0m0s 1
}
