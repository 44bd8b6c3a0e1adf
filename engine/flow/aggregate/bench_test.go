package aggregate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow/column"
)

// benchRows is the rows of a benchmark's input; it is cut into batches.
const benchRows = 1 << 20

// benchInput is rows of one int64 and one float64 column with random groups.
func benchInput(groups int) (ids []uint32, b *column.Batch) {
	rng := rand.New(rand.NewPCG(1, 2))
	ids = make([]uint32, benchRows)
	ints := make([]int64, benchRows)
	floats := make([]float64, benchRows)
	for i := range ids {
		ids[i] = uint32(rng.IntN(groups))
		ints[i] = int64(rng.IntN(1_000_000))
		floats[i] = float64(rng.IntN(10_000_000)) / 100
	}
	return ids, &column.Batch{
		Schema: column.Schema{{Name: "i", Type: column.TypeOf(column.Int64)}, {Name: "f", Type: column.TypeOf(column.Float64)}},
		Rows:   benchRows,
		Columns: []column.Column{
			{Type: column.TypeOf(column.Int64), Ints: ints},
			{Type: column.TypeOf(column.Float64), Floats: floats},
		},
	}
}

func benchTable(b *testing.B, groups, chunk int, calls ...Call) {
	ids, batch := benchInput(groups)
	benchBatch(b, ids, batch, groups, chunk, calls...)
}

// benchBatch adds the rows of a batch to a table, chunk by chunk, over and over.
func benchBatch(b *testing.B, ids []uint32, batch *column.Batch, groups, chunk int, calls ...Call) {
	fns := make([]Function, len(calls))
	in := Input{Args: make([][]*column.Column, len(calls)), Batch: batch}
	for i, c := range calls {
		f, err := New(c)
		if err != nil {
			b.Fatal(err)
		}
		fns[i] = f
		for _, t := range c.Args {
			in.Args[i] = append(in.Args[i], &batch.Columns[int(t.Kind-column.Int64)])
		}
	}
	t := NewTable(fns)
	t.Grow(groups)
	in.Batch.Times = make([]int64, benchRows)
	b.ReportAllocs()
	at := 0
	for b.Loop() {
		t.AddRange(&in, ids[at:at+chunk], at, at+chunk)
		at = (at + chunk) % benchRows
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*chunk), "ns/row")
}

func benchSizes(b *testing.B, run func(b *testing.B, groups, chunk int)) {
	for _, s := range []struct{ groups, chunk int }{{1000, 8192}, {1_000_000, 65536}} {
		b.Run(fmt.Sprintf("groups=%d/rows=%d", s.groups, s.chunk), func(b *testing.B) { run(b, s.groups, s.chunk) })
	}
}

type flatCountSum struct{ count, sum int64 }

// BenchmarkCountSum sets {count(), sum(int64)} against the loop that one would
// write by hand.
func BenchmarkCountSum(b *testing.B) {
	b.Run("flat", func(b *testing.B) {
		benchSizes(b, func(b *testing.B, groups, chunk int) {
			ids, batch := benchInput(groups)
			values, flat := batch.Columns[0].Ints, make([]flatCountSum, groups)
			at := 0
			for b.Loop() {
				for i, g := range ids[at : at+chunk] {
					p := &flat[g]
					p.count++
					p.sum += values[at+i]
				}
				at = (at + chunk) % benchRows
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*chunk), "ns/row")
		})
	})
	b.Run("table", func(b *testing.B) {
		benchSizes(b, func(b *testing.B, groups, chunk int) {
			benchTable(b, groups, chunk, Call{Name: "count"}, Call{Name: "sum", Args: []column.Type{column.TypeOf(column.Int64)}})
		})
	})
}

// BenchmarkSumFloat sets the exact sum of float64 against the loop that rounds at
// every step; "one" is a single group, where each term waits for the last; "wide"
// has magnitudes so far apart that every sum is in the wide form.
func BenchmarkSumFloat(b *testing.B) {
	b.Run("flat", func(b *testing.B) {
		benchSizes(b, func(b *testing.B, groups, chunk int) {
			ids, batch := benchInput(groups)
			values, flat := batch.Columns[1].Floats, make([]float64, groups)
			at := 0
			for b.Loop() {
				for i, g := range ids[at : at+chunk] {
					flat[g] += values[at+i]
				}
				at = (at + chunk) % benchRows
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*chunk), "ns/row")
		})
	})
	b.Run("table", func(b *testing.B) {
		benchSizes(b, func(b *testing.B, groups, chunk int) { benchTable(b, groups, chunk, callSumFloat) })
	})
	b.Run("one", func(b *testing.B) { benchTable(b, 1, 8192, callSumFloat) })
	b.Run("wide", func(b *testing.B) {
		ids, batch := benchInput(1000)
		for i, v := range batch.Columns[1].Floats {
			batch.Columns[1].Floats[i] = math.Ldexp(v, i%400-200)
		}
		benchBatch(b, ids, batch, 1000, 8192, callSumFloat)
	})
}

type flatCountSumFloat struct {
	count int64
	sum   float64
}

// BenchmarkCountSumFloat sets {count(), sum(float64)} against a loop that rounds
// at every step.
func BenchmarkCountSumFloat(b *testing.B) {
	b.Run("flat", func(b *testing.B) {
		benchSizes(b, func(b *testing.B, groups, chunk int) {
			ids, batch := benchInput(groups)
			values, flat := batch.Columns[1].Floats, make([]flatCountSumFloat, groups)
			at := 0
			for b.Loop() {
				for i, g := range ids[at : at+chunk] {
					p := &flat[g]
					p.count++
					p.sum += values[at+i]
				}
				at = (at + chunk) % benchRows
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*chunk), "ns/row")
		})
	})
	b.Run("table", func(b *testing.B) {
		benchSizes(b, func(b *testing.B, groups, chunk int) {
			benchTable(b, groups, chunk, Call{Name: "count"}, callSumFloat)
		})
	})
}

// BenchmarkMerge merges all groups of one table of {count(), sum(int64)} into
// another; BenchmarkEncode writes and loads them.
func BenchmarkMerge(b *testing.B) {
	x, y := benchPair(b)
	for b.Loop() {
		for g := range uint32(1000) {
			y.Merge(g, x, g)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1000), "ns/group")
}

func BenchmarkEncode(b *testing.B) {
	x, y := benchPair(b)
	var buf []byte
	for b.Loop() {
		for g := range uint32(1000) {
			buf = x.AppendTo(g, buf[:0])
			if _, err := y.Load(g, buf); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1000), "ns/group")
}

// benchPair is a filled table of 1,000 groups and an empty one.
func benchPair(b *testing.B) (x, y *Table) {
	fns := []Function{mustNew(b, Call{Name: "count"}), mustNew(b, Call{Name: "sum", Args: testTypes[1:2]})}
	ids, batch := benchInput(1000)
	in := &Input{Args: [][]*column.Column{nil, {&batch.Columns[0]}}, Batch: batch}
	x, y = NewTable(fns), NewTable(fns)
	x.Grow(1000)
	y.Grow(1000)
	x.AddRange(in, ids, 0, benchRows)
	return x, y
}

// BenchmarkFunctions is every function over int64 or float64 at 1,000 groups.
func BenchmarkFunctions(b *testing.B) {
	for _, c := range testCalls(b) {
		if len(c.Args) == 1 && (c.Args[0].Kind == column.Int64 || c.Args[0].Kind == column.Float64) {
			b.Run(c.String(), func(b *testing.B) { benchTable(b, 1000, 8192, c) })
		}
	}
}

// BenchmarkFinishColumn is the results of 1,000,000 groups.
func BenchmarkFinishColumn(b *testing.B) {
	const groups = 1_000_000
	all := make([]uint32, groups)
	for i := range all {
		all[i] = uint32(i)
	}
	for _, c := range []Call{{Name: "count"}, {Name: "sum", Args: testTypes[1:2]}, callSumFloat, {Name: "mean", Args: testTypes[2:3]}, {Name: "max", Args: testTypes[1:2]}} {
		b.Run(c.String(), func(b *testing.B) {
			x := newTable(mustNew(b, c), groups)
			ids, batch := benchInput(groups)
			in := &Input{Args: [][]*column.Column{nil}, Batch: batch}
			for _, t := range c.Args {
				in.Args[0] = append(in.Args[0], &batch.Columns[int(t.Kind-column.Int64)])
			}
			x.AddRange(in, ids, 0, benchRows)
			var out column.Column
			for b.Loop() {
				out.Reset(x.fns[0].Result(), nil)
				x.FinishColumn(all, 0, &out)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*groups), "ns/group")
		})
	}
}
