package aggregate

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow/column"
)

// TestDifferentialSideBySide: all functions in one table, over batches of several
// chunks with nulls, filters and many groups, keep out of each other's way: every
// function's state is what it is in a table of its own, fed row by row.
func TestDifferentialSideBySide(t *testing.T) {
	const rows, groups = 3*chunkRows + 17, 9
	rng := rand.New(rand.NewPCG(21, 22))
	calls := testCalls(t)
	var fns []Function
	for _, c := range calls {
		fns = append(fns, mustNew(t, c))
	}
	all := NewTable(fns)
	all.Grow(2) // and the rest later, with groups in use
	in := &Input{Where: make([][]bool, len(calls)), Batch: &column.Batch{Partition: 1, Offset: 1000, Rows: rows}}
	numbers := make([]uint32, rows)
	for i := range rows {
		in.Batch.Times = append(in.Batch.Times, rng.Int64N(30))
		numbers[i] = uint32(rng.IntN(groups))
	}
	columns := sideBySideColumns(rng, rows)
	for i, c := range calls {
		var args []*column.Column
		for _, typ := range c.Args {
			args = append(args, columns[typ])
		}
		in.Args = append(in.Args, args)
		if i%3 == 1 {
			for range rows {
				in.Where[i] = append(in.Where[i], rng.IntN(5) > 0)
			}
		}
	}
	for i := range 40 { // groups 0 and 1 first
		all.AddRows(in, []uint32{numbers[i] % 2}, []int32{int32(i)})
	}
	all.Grow(groups)
	all.AddRange(in, numbers[40:1000], 40, 1000)
	var list []int32
	for i := int32(1000); i < rows; i++ {
		list = append(list, i)
	}
	all.AddRows(in, numbers[1000:], list)

	for i := range calls {
		own := newTable(fns[i], groups)
		one := &Input{Args: in.Args[i : i+1], Where: in.Where[i : i+1], Batch: in.Batch}
		for r := range rows {
			g := numbers[r]
			if r < 40 {
				g %= 2
			}
			own.AddRange(one, []uint32{g}, r, r+1)
		}
		for g := range uint32(groups) {
			got, want := all.stores[i].encode(g, nil), own.stores[0].encode(g, nil)
			if !bytes.Equal(got, want) {
				t.Fatalf("%s, group %d: % x beside others, % x alone", fns[i], g, got, want)
			}
		}
	}
	sideBySideGroups(t, all, fns, groups)
}

// sideBySideGroups merges, writes, loads and clears whole groups of a table.
func sideBySideGroups(t *testing.T, all *Table, fns []Function, groups int) {
	t.Helper()
	whole := NewTable(fns)
	whole.Grow(3)
	for g := range uint32(groups) {
		whole.Merge(0, all, g)
		whole.Merge(1, all, uint32(groups)-1-g)
	}
	b := whole.AppendTo(0, nil)
	if !bytes.Equal(b, whole.AppendTo(1, nil)) {
		t.Fatal("merging upwards and downwards differ")
	}
	if rest, err := whole.Load(2, b); err != nil || len(rest) != 0 || !bytes.Equal(b, whole.AppendTo(2, nil)) {
		t.Fatalf("load left %d bytes: %v", len(rest), err)
	}
	empty := NewTable(fns)
	empty.Grow(1)
	whole.Clear(0)
	if !bytes.Equal(whole.AppendTo(0, nil), empty.AppendTo(0, nil)) || !bytes.Equal(b, whole.AppendTo(1, nil)) {
		t.Fatal("clearing a group left something, or took another")
	}
}

// sideBySideColumns is a column of every type, with nulls in all but one.
func sideBySideColumns(rng *rand.Rand, rows int) map[column.Type]*column.Column {
	columns := map[column.Type]*column.Column{}
	for _, typ := range testTypes {
		col := &column.Column{}
		col.Reset(typ, &column.Dict{})
		for range rows {
			n := rng.Int64N(2_000) - 500
			col.Append(column.Value{
				Type: typ, Null: rng.IntN(9) == 0 && typ.Kind != column.Timestamp, Bool: n&1 == 0, Int: n,
				Float: float64(n) / 7, Decimal: column.DecimalFromInt(n), String: fmt.Sprint(n % 40),
			})
		}
		columns[typ] = col
	}
	return columns
}
