package serving_test

import (
	"fmt"
	"testing"

	"parallax/engine/flow/column"
	"parallax/serving"
)

// A worker moves a view from the log's start to offset 2, and a client asks for
// one key.
func Example() {
	t := new(testing.T)
	s := newStage(t, serving.Options{Partitions: 1, Functions: counter(t)})
	row := serving.Row{Key: key("oslo"), Start: 0, End: 60, Accumulators: counted(t, 2)}
	span := serving.Publish{Request: 1, Epoch: 1, Lower: at(0), Upper: at(2), Watermark: 60, Rows: []serving.Row{row}}
	fmt.Println("published:", s.publish(span).Code == serving.OK)
	fmt.Println("once more:", s.publish(span).Code == serving.OK)

	a := s.query(serving.Query{Request: 2, Point: true, Key: key("oslo"), From: 0, To: 60})
	count, err := serving.DecodeKey(a.Rows[0].Values, []column.Type{column.TypeOf(column.Int64)})
	fmt.Println("oslo:", count[0].Int, "up to offset", a.Cut[0].Offset, err)
	// Output:
	// published: true
	// once more: true
	// oslo: 2 up to offset 2 <nil>
}
