package fold_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// sums counts and sums by an integer key.
func sums(w window.Spec) *flow.Plan {
	p := flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 1 << 50}, // nothing is late, whatever the order
		Steps: []flow.Step{
			{KeyBy: []string{"k"}},
			{Window: &w},
			{Aggregates: []flow.Aggregate{
				{Name: "n", Call: expr.CallExpr{Func: "count"}},
				{Name: "s", Call: expr.CallExpr{Func: "sum", Args: []expr.Expr{&expr.Field{Name: "v"}}}},
			}},
		},
	}
	whole := column.TypeOf(column.Int64)
	plan, err := p.Plan(column.Schema{{Name: "k", Type: whole}, {Name: "v", Type: whole}})
	if err != nil {
		panic(err)
	}
	return plan
}

// batches cuts rows into batches: row i at time times[i] has key keys[i] and value i.
func batches(schema column.Schema, times, keys []int64, size int) (list []*column.Batch) {
	values := make([]int64, len(times))
	for i := range values {
		values[i] = int64(i % 1000)
	}
	for from := 0; from < len(times); from += size {
		to := min(len(times), from+size)
		list = append(list, &column.Batch{
			Schema: schema, Offset: int64(from), Rows: to - from, Times: times[from:to], Appends: times[from:to],
			Columns: []column.Column{{Type: schema[0].Type, Ints: keys[from:to]}, {Type: schema[1].Type, Ints: values[from:to]}},
		})
	}
	return list
}

// drawn is rows over so many windows of a second, in order or not, of so many keys.
func drawn(rows, windows, keys int, shuffled bool) (times, ks []int64) {
	rng := rand.New(rand.NewPCG(1, 2))
	step := int64(windows) * second / int64(rows)
	for i := range rows {
		times, ks = append(times, int64(i)*max(1, step)), append(ks, rng.Int64N(int64(keys)))
	}
	if shuffled {
		rng.Shuffle(rows, func(i, j int) { times[i], times[j] = times[j], times[i] })
	}
	return times, ks
}

// TestLawCells: whatever the numbers of keys and windows, and in whatever order rows come,
// every (key, window) has the rows that a map counts, also behind Merge and Beside.
func TestLawCells(t *testing.T) {
	for _, c := range []struct{ rows, windows, keys int }{{3000, 3, 5}, {9000, 4, 3000}, {9000, 300, 40}, {20000, 7, 900}, {5000, 2000, 1500}} {
		for _, shuffled := range []bool{false, true} {
			plan := sums(window.Tumble(second, 0))
			f, err := fold.New(plan, 1, fold.Options{})
			if err != nil {
				t.Fatal(err)
			}
			times, keys := drawn(c.rows, c.windows, c.keys, shuffled)
			want := map[[2]int64]int64{}
			for i := range times {
				want[[2]int64{times[i] / second * second, keys[i]}]++
			}
			halves := []*fold.Fold{f, f.Beside(fold.Options{})}
			for i, b := range batches(plan.Input, times, keys, 700) {
				if err := halves[i%2].Add(b); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Merge(halves[1].Rows(nil)); err != nil {
				t.Fatal(err)
			}
			rows := f.Rows(nil)
			if !slices.IsSortedFunc(rows, func(a, b fold.Row) int { return a.Compare(&b) }) {
				t.Errorf("%+v: not in order", c)
			}
			sum := int64(0)
			for i := range rows {
				sum += rows[i].OnTime
			}
			if len(rows) != len(want) || sum != int64(c.rows) {
				t.Errorf("%+v, shuffled %v: %d rows of %d pairs, want %d of %d", c, shuffled, len(rows), sum, len(want), c.rows)
			}
		}
	}
}

// BenchmarkFold folds 500,000 rows of 1,000 keys, and has the row path fire them, in turn in
// one run. Ratios are of the better of several passes each.
func BenchmarkFold(b *testing.B) {
	const rows, keys = 500_000, 1000
	for _, c := range []struct {
		name     string
		window   window.Spec
		windows  int
		shuffled bool
	}{
		{"20-windows", window.Tumble(second, 0), 20, false},
		{"2000-windows", window.Tumble(second, 0), 2000, false},
		{"2000-windows-shuffled", window.Tumble(second, 0), 2000, true},
		{"hop-10", window.Hop(10*second, second, 0), 200, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			times, ks := drawn(rows, c.windows, keys, c.shuffled)
			list := batches(sums(c.window).Input, times, ks, 8192)
			folds, paths := time.Duration(1<<62), time.Duration(1<<62)
			groups := 0
			for range b.N {
				start := time.Now()
				f, err := fold.New(sums(c.window), 1, fold.Options{})
				if err != nil {
					b.Fatal(err)
				}
				for _, batch := range list {
					if err := f.Add(batch); err != nil {
						b.Fatal(err)
					}
				}
				groups = 0
				f.Scan(-1<<63, 1<<63-1, func(*fold.Row) bool { groups++; return true })
				folds = min(folds, time.Since(start))

				start = time.Now()
				p := operator.NewPath(sums(c.window), 1)
				for _, batch := range list {
					if err := p.Process(batch); err != nil {
						b.Fatal(err)
					}
				}
				p.Close()
				n := 0
				var pane operator.Pane
				var bytes []byte
				for p.Next(&pane) {
					for i := range pane.Keys {
						bytes = pane.Table.AppendTo(pane.Groups[i], bytes[:0])
						n++
					}
				}
				paths = min(paths, time.Since(start))
				if n != groups {
					b.Fatalf("%d groups by the fold, %d by the path", groups, n)
				}
			}
			b.ReportMetric(float64(folds)/rows, "fold-ns/row")
			b.ReportMetric(float64(paths)/rows, "path-ns/row")
			b.ReportMetric(float64(folds)/float64(paths), "ratio")
			b.ReportMetric(float64(groups), "groups")
		})
	}
}
