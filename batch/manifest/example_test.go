package manifest_test

import (
	"errors"
	"fmt"

	"parallax/batch/manifest"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
)

// A batch is appended; sent again because nobody heard of it, it is refused.
func Example() {
	batch := manifest.Change{
		Writer: "archiver", Batch: 1, Operation: manifest.Append, Code: "v1", Cut: []protocol.Cut{{Offset: 10, Frontier: 99}},
		Schema: &manifest.Schema{ID: 1, Fields: []manifest.Field{{ID: 1, Name: "city", Type: column.TypeOf(column.String)}}},
		Add:    []manifest.File{{Name: manifest.FileName("rows", "archiver", 1, &manifest.File{To: 10}), To: 10, Rows: 10, Schema: 1}},
	}
	empty := &manifest.State{}
	table, snapshot, err := empty.Apply(&batch)
	if err != nil {
		panic(err)
	}
	fmt.Println(snapshot.Sequence, snapshot.Operation, table.Rows(), "rows to offset", table.Cut[0].Offset)
	_, _, err = table.Apply(&batch)
	fmt.Println(errors.Is(err, manifest.ErrApplied))
	// Output:
	// 1 append 10 rows to offset 10
	// true
}
