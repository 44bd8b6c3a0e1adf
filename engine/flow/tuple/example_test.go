package tuple_test

import (
	"fmt"

	"parallax/engine/flow/column"
	"parallax/engine/flow/tuple"
)

func Example() {
	text, number := column.TypeOf(column.String), column.TypeOf(column.Int64)
	key := tuple.Append(nil, column.Value{Type: text, String: "oslo"}, column.Value{Type: number, Null: true})
	fmt.Printf("%x\n", key)

	back, err := tuple.Decode(key, []column.Type{text, number})
	fmt.Println(back[0].String, back[1].Null, err)
	// Output:
	// 00040000006f736c6f01
	// oslo true <nil>
}
