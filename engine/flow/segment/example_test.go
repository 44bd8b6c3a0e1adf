package segment_test

import (
	"fmt"

	"parallax/engine/flow/column"
	"parallax/engine/flow/segment"
)

// A segment of one string column: the second entry carries only the string that
// is new.
func Example() {
	header := segment.Header{ID: 1, Schema: column.Schema{{Name: "city", Type: column.TypeOf(column.String)}}}
	w, err := segment.NewWriter(header)
	if err != nil {
		panic(err)
	}
	r, err := segment.NewReader(header)
	if err != nil {
		panic(err)
	}
	var got column.Batch
	for i, cities := range [][]string{{"Oslo", "Rome"}, {"Rome", "Lima"}} {
		in := column.Batch{
			Schema: header.Schema, Offset: int64(2 * i), Rows: 2,
			Times: []int64{10, 11}, Appends: []int64{20, 21}, Columns: make([]column.Column, 1),
		}
		in.Columns[0].Reset(header.Schema[0].Type, new(column.Dict))
		for _, c := range cities {
			in.Columns[0].Append(column.Value{String: c})
		}
		entry, err := w.Append(nil, &in)
		if err != nil {
			panic(err)
		}
		if err := r.Decode(entry, &got); err != nil {
			panic(err)
		}
		fmt.Println(got.Offset, got.Columns[0].Codes, got.Columns[0].Dict.Values())
	}
	// Output:
	// 0 [0 1] [Oslo Rome]
	// 2 [1 2] [Oslo Rome Lima]
}
