package scenarios

import (
	"cmp"
	"slices"

	"parallax/engine/flow/column"
)

// Table is rows of an answer, column by column.
type Table struct {
	Schema  column.Schema
	Columns []column.Column
	Rows    int
}

func newTable(schema column.Schema) *Table {
	t := &Table{Schema: schema, Columns: make([]column.Column, len(schema))}
	for i, f := range schema {
		t.Columns[i].Reset(f.Type, &column.Dict{})
	}
	return t
}

// add appends one row.
func (t *Table) add(row []column.Value) {
	for i := range t.Columns {
		t.Columns[i].Append(row[i])
	}
	t.Rows++
}

// Equal tells whether two tables have the same rows in the same order. A table that is
// not there equals none.
func (t *Table) Equal(o *Table) bool {
	if t == nil || o == nil || t.Rows != o.Rows || !slices.Equal(t.Schema, o.Schema) {
		return false
	}
	for c := range t.Columns {
		for row := range t.Rows {
			if v, w := t.Value(row, c), o.Value(row, c); v.Compare(w) != 0 {
				return false
			}
		}
	}
	return true
}

// Value boxes one value.
func (t *Table) Value(row, col int) column.Value { return t.Columns[col].Value(row) }

// sorted is the table with its rows ordered by its first n columns.
func (t *Table) sorted(n int) *Table {
	order := make([]int32, t.Rows)
	for i := range order {
		order[i] = int32(i)
	}
	compare := make([]func(a, b int32) int, n)
	for c := range compare {
		compare[c] = comparer(&t.Columns[c])
	}
	slices.SortFunc(order, func(a, b int32) int {
		for _, f := range compare {
			if d := f(a, b); d != 0 {
				return d
			}
		}
		return cmp.Compare(a, b)
	})
	return t.chosen(order)
}

// comparer orders rows by one column. Strings are ranked once, by dictionary.
func comparer(col *column.Column) func(a, b int32) int {
	if col.Null == nil {
		switch col.Type.Kind {
		case column.Int64, column.Timestamp:
			return func(a, b int32) int { return cmp.Compare(col.Ints[a], col.Ints[b]) }
		case column.String:
			rank := ranks(col.Dict)
			return func(a, b int32) int { return cmp.Compare(rank[col.Codes[a]], rank[col.Codes[b]]) }
		}
	}
	return func(a, b int32) int { return col.Value(int(a)).Compare(col.Value(int(b))) }
}

// ranks is the place of each of a dictionary's strings in byte order.
func ranks(d *column.Dict) []uint32 {
	order := make([]uint32, d.Len())
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(d.Value(a), d.Value(b)) })
	rank := make([]uint32, len(order))
	for place, code := range order {
		rank[code] = uint32(place)
	}
	return rank
}

func permute(col *column.Column, order []int32) column.Column {
	out := column.Column{Type: col.Type, Dict: col.Dict}
	if col.Null != nil {
		out.Null = pick(col.Null, order)
	}
	switch col.Type.Kind {
	case column.Bool:
		out.Bools = pick(col.Bools, order)
	case column.Int64, column.Timestamp:
		out.Ints = pick(col.Ints, order)
	case column.Float64:
		out.Floats = pick(col.Floats, order)
	case column.Decimal128:
		out.Decimals = pick(col.Decimals, order)
	case column.String:
		out.Codes = pick(col.Codes, order)
	}
	return out
}

func pick[T any](values []T, order []int32) []T {
	out := make([]T, len(order))
	for i, o := range order {
		out[i] = values[o]
	}
	return out
}
