package boundary_test

import (
	"fmt"

	"parallax/serving/boundary"
)

// A row of day 18 arrives when the batch layer answers up to day 19 and is not asked
// for it again: by time it is lost, by its place in the log it is not.
func Example() {
	table := boundary.Pinot{
		Offline:  []boundary.Segment{{End: 20, Rows: []boundary.Row{{Time: 18, Weight: 10}, {Time: 19, Weight: 20}}, Online: true}},
		Realtime: []boundary.Row{{Time: 20, Weight: 5}, {Time: 18, Weight: 1}},
		Day:      1,
	}
	log := []boundary.Record{
		{Offset: 0, Row: boundary.Row{Time: 18, Weight: 10}},
		{Offset: 1, Row: boundary.Row{Time: 19, Weight: 20}},
		{Offset: 2, Row: boundary.Row{Time: 20, Weight: 5}},
		{Offset: 3, Row: boundary.Row{Time: 18, Weight: 1}},
	}
	batch, speed := boundary.ByOffset(log, boundary.View{ID: 1, Cut: []int64{2}}, []int64{4})
	fmt.Println(table.Count(), batch+speed)
	// Output: 35 36
}
