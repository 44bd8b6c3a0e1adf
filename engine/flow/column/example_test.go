package column_test

import (
	"fmt"

	"parallax/engine/flow/column"
)

// A batch of three clicks; a filter has taken the second one out. Its offset is
// still its own, and nothing has moved.
func Example() {
	page := column.Column{Type: column.TypeOf(column.String), Dict: &column.Dict{}}
	for _, s := range []string{"home", "cart", "home"} {
		page.Append(column.Value{String: s})
	}
	b := column.Batch{
		Schema:  column.Schema{{Name: "page", Type: page.Type}},
		Offset:  100,
		Rows:    3,
		Columns: []column.Column{page},
		Select:  []int32{0, 2},
	}
	for _, row := range b.Select {
		fmt.Println(b.Offset+int64(row), b.Columns[0].Value(int(row)).Text(), "code", page.Codes[row])
	}
	// Output:
	// 100 home code 0
	// 102 home code 0
}
