package aggregate_test

import (
	"fmt"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

// Two batches are accumulated in two groups, which are then merged. The sum of
// floats is that of the real numbers, rounded once, so it does not depend on how
// the rows were spread.
func Example() {
	float := column.TypeOf(column.Float64)
	var fns []aggregate.Function
	for _, c := range []aggregate.Call{
		{Name: "count"},
		{Name: "sum", Args: []column.Type{float}},
		{Name: "max", Args: []column.Type{float}},
	} {
		f, err := aggregate.New(c)
		if err != nil {
			fmt.Println(err)
			return
		}
		fns = append(fns, f)
	}
	table := aggregate.NewTable(fns)
	table.Grow(2)

	x := &column.Column{Type: float, Floats: []float64{1e16, 1, -1e16}}
	in := aggregate.Input{Args: [][]*column.Column{nil, {x}, {x}}}
	table.AddRange(&in, []uint32{0, 1, 0}, 0, 3) // the groups of rows 0, 1, 2
	table.AddRows(&in, []uint32{1}, []int32{1})  // row 1 once more

	table.Merge(0, table, 1)
	for i, f := range fns {
		fmt.Println(f, "=", table.Finish(0, i).Text())
	}
	fmt.Printf("% x\n", table.AppendTo(1, nil))
	// Output:
	// count() = 4
	// sum(float64) = 2
	// max(float64) = 1e+16
	// 01 02 00 01 01 02 01 bf f0 00 00 00 00 00 00
}
