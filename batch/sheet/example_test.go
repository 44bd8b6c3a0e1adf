package sheet_test

import (
	"fmt"

	"parallax/batch/sheet"
	"parallax/engine/flow/column"
)

// A file of two columns, of which one is read.
func Example() {
	fields := []sheet.Field{
		{ID: 1, Name: "city", Type: column.TypeOf(column.String)},
		{ID: 2, Name: "riders", Type: column.TypeOf(column.Int64)},
	}
	columns := make([]column.Column, 2)
	columns[0].Reset(fields[0].Type, new(column.Dict))
	columns[1].Reset(fields[1].Type, nil)
	for i, city := range []string{"Bern", "Basel", "Bern"} {
		columns[0].Append(column.Value{Type: fields[0].Type, String: city})
		columns[1].Append(column.Value{Type: fields[1].Type, Int: int64(10 * i)})
	}
	content, err := sheet.Encode(fields, columns, 3)
	if err != nil {
		fmt.Println(err)
		return
	}

	r, err := sheet.Open("rides.parquet", content, sheet.Sum(content), fields[:1])
	fmt.Println(r.Rows(), err)
	read := make([]*column.Column, 1)
	n, _ := r.Next(1000, read)
	fmt.Println(n, read[0].Codes, read[0].Dict.Values())

	_, err = sheet.Open("rides.parquet", content[:len(content)/2], sheet.Sum(content), fields)
	fmt.Println(err != nil)
	// Output:
	// 3 <nil>
	// 3 [0 1 0] [Bern Basel]
	// true
}
