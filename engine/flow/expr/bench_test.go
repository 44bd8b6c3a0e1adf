package expr

import (
	"fmt"
	"math"
	"testing"

	"parallax/engine/flow/column"
)

// benchBatch is 8192 rows as a source makes them.
func benchBatch() *column.Batch {
	s := column.Schema{
		{Name: "x", Type: column.TypeOf(column.Int64)},
		{Name: "y", Type: column.TypeOf(column.Int64)},
		{Name: "quantity", Type: column.TypeOf(column.Int64)},
		{Name: "unit_price", Type: column.Type{Kind: column.Decimal128, Precision: 12, Scale: 3}},
		{Name: "country", Type: column.TypeOf(column.String)},
		{Name: "f", Type: column.TypeOf(column.Float64)},
	}
	b := &column.Batch{Schema: s, Rows: 8192, Columns: make([]column.Column, len(s))}
	dict := &column.Dict{}
	for i := range s {
		b.Columns[i].Reset(s[i].Type, dict)
	}
	for r := range b.Rows {
		n := int64(r*7919%1000) - 300
		for i := range s {
			v := column.Value{Int: n, Decimal: column.DecimalFromInt(n * 17), Float: float64(n) / 4, String: fmt.Sprint("country ", r%40)}
			b.Columns[i].Append(v)
		}
	}
	return b
}

var benchmarks = []string{
	"x > 0", "x + y", "x * y", "f * 1.5 + 2e0", "quantity * unit_price", "unit_price + 0.25", "unit_price >= 1.5",
	"country = 'country 7'", "country in ('country 1', 'country 2')", "upper(country)", "x > 0 and country != ''",
	"if(x > 0, x, -x)", "x in (1, 2, 3)", "x / y", "int(f)",
}

func BenchmarkEval(b *testing.B) {
	batch := benchBatch()
	for _, src := range benchmarks {
		p, err := Compile(mustParse(b, src), batch.Schema)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(src, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(batch.Rows), "ns/row")
		})
	}
}

func BenchmarkSelect(b *testing.B) {
	batch := benchBatch()
	p, err := Compile(mustParse(b, "x > 0"), batch.Schema)
	if err != nil {
		b.Fatal(err)
	}
	var rows []int32
	for b.Loop() {
		if rows, err = p.Select(batch, rows[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(batch.Rows), "ns/row")
}

// TestLawNoAllocation: after the first batch nothing is allocated any more.
func TestLawNoAllocation(t *testing.T) {
	batch := benchBatch()
	for i := range batch.Columns {
		batch.Columns[i].Null = make([]bool, batch.Rows)
		batch.Columns[i].Null[3] = true
	}
	batch.Columns[0].Ints[3], batch.Columns[0].Ints[4] = 0, math.MaxInt64
	batch.Select = []int32{0, 1, 2}
	for _, src := range append(benchmarks, "x + x * 3 > 0 or 3 % x = 1", "starts_with(country, 'c')", "coalesce(country, 'none')", "length(country)", "round(unit_price * 0.5)", "x in (1, null)") {
		p, err := Compile(mustParse(t, src), batch.Schema)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(3, func() { _, _ = p.Eval(batch) }); n != 0 {
			t.Errorf("%s: %v allocations a batch", src, n)
		}
	}
}
