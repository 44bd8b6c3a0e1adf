package source_test

import (
	"fmt"
	"os"
	"path/filepath"

	"parallax/engine/flow/column"
	"parallax/scenarios/source"
)

// Two partitions by user; the third record has no number and is listed.
func Example() {
	dir, err := os.MkdirTemp("", "rows")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "rows.csv")
	text := "user,at,ms\nann,1000,12\nbob,1500,7\nann,1600,many\nann,1200,3\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		panic(err)
	}
	f, err := source.Scan(source.Spec{
		File:        file,
		EventTime:   source.TimeField{Field: "at", Unit: "ms"},
		PartitionBy: []string{"user"},
		Columns:     []column.Field{{Name: "ms", Type: column.TypeOf(column.Int64)}},
		SkipBad:     true,
	}, []string{"ms"}, nil)
	if err != nil {
		panic(err)
	}
	for _, bad := range f.Rejects() {
		fmt.Printf("line %d, byte %d: %s\n", bad.Line, bad.Column, bad.Msg)
	}
	err = f.Read(source.ReadOptions{}, func(b *column.Batch) error {
		fmt.Println(f.Partitions()[b.Partition].Values, b.Columns[0].Ints, "at", b.Times, "arrived", b.Appends)
		return nil
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// line 4, byte 10: bad number "many": int64 was expected
	// [ann] [12 3] at [1000000 1200000] arrived [1000000 1200000]
	// [bob] [7] at [1500000] arrived [1500000]
}
