package expr_test

import (
	"fmt"

	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
)

// A filter is parsed, bound to columns, and run over a batch.
func Example() {
	schema := column.Schema{
		{Name: "country", Type: column.TypeOf(column.String)},
		{Name: "quantity", Type: column.TypeOf(column.Int64)},
	}
	batch := &column.Batch{Schema: schema, Rows: 3, Columns: make([]column.Column, 2)}
	batch.Columns[0].Reset(schema[0].Type, &column.Dict{})
	batch.Columns[1].Reset(schema[1].Type, nil)
	for i, country := range []string{"France", "Norway", "France"} {
		batch.Columns[0].Append(column.Value{String: country})
		batch.Columns[1].Append(column.Value{Int: int64(i)})
	}

	e, err := expr.Parse(`country == "France" && quantity > 0`)
	if err != nil {
		panic(err)
	}
	program, err := expr.Compile(e, schema)
	if err != nil {
		panic(err)
	}
	rows, err := program.Select(batch, nil)
	fmt.Println(e, rows, err)

	e, _ = expr.Parse("quantity + country")
	_, err = expr.Compile(e, schema)
	fmt.Println(err)
	// Output:
	// country = 'France' and quantity > 0 [2] <nil>
	// cannot add string to int64 at column 10; did you mean "int(country)"?
}
