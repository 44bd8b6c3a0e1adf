package gen

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

// Type draws the type of a column.
func Type() *rapid.Generator[column.Type] {
	return rapid.SampledFrom([]column.Type{
		column.TypeOf(column.Bool), column.TypeOf(column.Int64), column.TypeOf(column.Float64),
		column.TypeOf(column.String), column.TypeOf(column.Timestamp),
		{Kind: column.Decimal128, Precision: 12, Scale: 2},
		column.TypeOf(column.Decimal128),
	})
}

// Schemas draws up to so many columns, at least one, called a, b, c …
func Schemas(most int) *rapid.Generator[column.Schema] {
	return rapid.Custom(func(t *rapid.T) column.Schema {
		s := make(column.Schema, rapid.IntRange(1, most).Draw(t, "columns"))
		for i := range s {
			s[i] = column.Field{Name: fmt.Sprintf("%c", 'a'+i%26), Type: Type().Draw(t, "type")}
			if i >= 26 {
				s[i].Name += fmt.Sprint(i / 26)
			}
		}
		return s
	})
}

// EventTimes draws n event times as they come from the world: nearly ascending, some
// equal, some late, a few an hour off, as around a change of clocks, and, if the
// stream begins before 1970, negative.
func EventTimes(n int) *rapid.Generator[[]time.Duration] {
	return rapid.Custom(func(t *rapid.T) []time.Duration {
		at := rapid.SampledFrom([]time.Duration{0, -10 * time.Second, -48 * time.Hour, 20_000 * 24 * time.Hour}).Draw(t, "start")
		list := make([]time.Duration, n)
		for i := range list {
			at += time.Duration(rapid.SampledFrom([]int64{0, 0, 1, 1000, 250_000, 1_000_000, 10_000_000}).Draw(t, "gap")) * time.Microsecond
			list[i] = at
			switch rapid.IntRange(0, 15).Draw(t, "fate") {
			case 0, 1, 2:
				list[i] -= time.Duration(rapid.Int64Range(1, 5_000_000).Draw(t, "late")) * time.Microsecond
			case 3:
				list[i] -= time.Hour
			}
		}
		return list
	})
}

// Row is a drawn row.
type Row struct {
	Time      time.Duration // event time, since 1970
	Partition int
	Values    []column.Value
}

// Rows draws up to so many rows of a schema, in the order in which they come.
func Rows(schema column.Schema, partitions, most int) *rapid.Generator[[]Row] {
	fields := make([]*rapid.Generator[column.Value], len(schema))
	for i, f := range schema {
		fields[i] = Nullable(f.Type)
	}
	return rapid.Custom(func(t *rapid.T) []Row {
		times := EventTimes(rapid.IntRange(0, most).Draw(t, "rows")).Draw(t, "times")
		rows := make([]Row, len(times))
		for i, at := range times {
			rows[i] = Row{Time: at, Partition: rapid.IntRange(0, partitions-1).Draw(t, "partition")}
			for _, f := range fields {
				rows[i].Values = append(rows[i].Values, f.Draw(t, "value"))
			}
		}
		return rows
	})
}

// Arguments is a function that draws, for a seed, rows of arguments that are not null,
// up to 16 of them.
func Arguments(types []column.Type) func(seed uint64) [][]column.Value {
	fields := make([]*rapid.Generator[column.Value], len(types))
	for i, t := range types {
		fields[i] = Values(t)
	}
	rows := rapid.Custom(func(t *rapid.T) [][]column.Value {
		list := make([][]column.Value, rapid.IntRange(0, 16).Draw(t, "rows"))
		for i := range list {
			for _, f := range fields {
				list[i] = append(list[i], f.Draw(t, "argument"))
			}
		}
		return list
	})
	return func(seed uint64) [][]column.Value { return rows.Example(int(seed)) }
}
