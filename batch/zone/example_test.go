package zone_test

import (
	"fmt"

	"parallax/batch/zone"
	"parallax/engine/flow/column"
)

// Two rows of a partition, of which the second is behind its frontier.
func Example() {
	input := column.Schema{{Name: "riders", Type: column.TypeOf(column.Int64)}}
	b := column.Batch{
		Schema: input, Offset: 40, Rows: 2, Columns: make([]column.Column, 1),
		Times: []int64{5_000_000, 3_500_000}, Appends: []int64{6_000_000, 6_000_000}, Frontiers: []int64{column.NoFrontier, 5_000_000},
	}
	b.Columns[0] = column.Column{Type: input[0].Type, Ints: []int64{12, 8}}

	schema := zone.Schema(input)
	rows := zone.NewRows(schema)
	rows.Append(&b, nil, "")
	content, file, err := rows.Encode(0, 40, 42)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Rows, "rows; event times from", file.Stats[1].Min.Text(), "to", file.Stats[1].Max.Text())

	r, err := zone.Open(file, schema, input, content, zone.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var read column.Batch
	err = r.Next(&read)
	fmt.Println(read.Offset, read.Columns[0].Ints, err)
	fmt.Println("behind at most", r.Behind(), "µs")
	// Output:
	// 2 rows; event times from 3500000 to 5000000
	// 40 [12 8] <nil>
	// behind at most 1500000 µs
}
