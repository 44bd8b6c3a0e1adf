package operator

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
)

// sessionInput is rows in order whose keys fall silent now and then: in every
// stretch of four gaps only a third of them has rows, so many of each on average.
type sessionInput struct {
	keys                 []uint32
	times, values        []int64
	gap                  int64
	distinct, batch      int
	flatRows, flatClosed int64
}

func newSessionInput(rows, distinct, batch, each int) *sessionInput {
	rng := rand.New(rand.NewPCG(1, 2))
	stretch := each * max(1, distinct/3)
	in := &sessionInput{gap: int64(stretch) * 1000 / 4, distinct: distinct, batch: batch}
	for i := range rows {
		key := (rng.IntN(max(1, distinct/3))*3 + i/stretch) % distinct
		in.keys = append(in.keys, uint32(key))
		in.times = append(in.times, int64(i)*1000)
		in.values = append(in.values, rng.Int64N(1000))
	}
	return in
}

// flat is the loop written by hand: the last session of each key in an array, which
// is emitted when its next one begins. It fires nothing by time, and knows no late
// rows.
func (in *sessionInput) flat() {
	type slot struct{ start, end, count, sum int64 }
	slots := make([]slot, in.distinct)
	in.flatRows, in.flatClosed = 0, 0
	emit := func(s *slot) {
		if s.count > 0 {
			in.flatRows += s.count
			in.flatClosed++
		}
	}
	for i, t := range in.times {
		s := &slots[in.keys[i]]
		if t >= s.end {
			emit(s)
			*s = slot{start: t}
		}
		s.end = t + in.gap
		s.count++
		s.sum += in.values[i]
	}
	for i := range slots {
		emit(&slots[i])
	}
}

// path feeds batches with keys as integers, and takes the panes' results.
func (in *sessionInput) path(b *testing.B, plan *flow.Plan, path *Path) (rows, sessions int64) {
	var pane Pane
	drain := func() {
		for path.Next(&pane) {
			out, _, err := path.Results(&pane)
			if err != nil || pane.Kind != OnTime {
				b.Fatal(err, pane.Kind)
			}
			sessions += int64(out.Rows)
			for _, n := range out.Columns[3].Ints {
				rows += n
			}
		}
	}
	ints := make([]int64, in.batch)
	for from := 0; from < len(in.keys); from += in.batch {
		for i := range ints {
			ints[i] = int64(in.keys[from+i])
		}
		batch := column.Batch{
			Schema: plan.Input, Offset: int64(from), Rows: in.batch, Times: in.times[from : from+in.batch], Appends: in.times[from : from+in.batch],
			Columns: []column.Column{{Type: plan.Input[0].Type, Ints: ints}, {Type: plan.Input[1].Type, Ints: in.values[from : from+in.batch]}},
		}
		if err := path.Process(&batch); err != nil {
			b.Fatal(err)
		}
		drain()
	}
	path.Close()
	drain()
	return rows, sessions
}

// BenchmarkSessions compares keyed sessions, count and sum of int64, from batches to
// the columns of their panes, with the flat loop, in turn, by processor time.
func BenchmarkSessions(b *testing.B) {
	for _, c := range []struct{ distinct, batch, each int }{{1000, 8192, 8}, {1000, 8192, 200}, {1_000_000, 65536, 8}} {
		b.Run(fmt.Sprintf("keys=%d/each=%d", c.distinct, c.each), func(b *testing.B) {
			in := newSessionInput(1<<22, c.distinct, c.batch, c.each)
			var calls []flow.Aggregate
			for _, src := range []string{"count()", "sum(v)"} {
				call, err := expr.ParseCall(src)
				if err != nil {
					b.Fatal(err)
				}
				calls = append(calls, flow.Aggregate{Name: src, Call: call})
			}
			w := window.Sessions(in.gap, window.Overlapping)
			pipeline := &flow.Pipeline{Steps: []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}, {Aggregates: calls}}}
			plan, err := pipeline.Plan(column.Schema{
				{Name: "k", Type: column.TypeOf(column.Int64)}, {Name: "v", Type: column.TypeOf(column.Int64)},
			})
			if err != nil {
				b.Fatal(err)
			}
			warm := NewPath(plan, 1)
			in.path(b, plan, warm)
			var flats, paths []float64
			var mallocs uint64
			n := float64(len(in.keys))
			for b.Loop() {
				start := cpu()
				in.flat()
				flats = append(flats, float64(cpu()-start)/n)
				path := NewPath(plan, 1)
				path.first.keyer = warm.first.keyer
				fresh, used := path.last.(*Sessions), warm.last.(*Sessions)
				fresh.nodes, fresh.free, fresh.table, fresh.pending.table = used.nodes, used.free, used.table, used.table
				fresh.lanes[0].timers = used.lanes[0].timers[:0]
				var m0, m1 runtime.MemStats
				runtime.ReadMemStats(&m0)
				start = cpu()
				rows, sessions := in.path(b, plan, path)
				paths = append(paths, float64(cpu()-start)/n)
				runtime.ReadMemStats(&m1)
				mallocs += m1.Mallocs - m0.Mallocs
				warm = path
				if rows != in.flatRows || sessions != in.flatClosed {
					b.Fatalf("path: %d rows in %d sessions, flat: %d in %d", rows, sessions, in.flatRows, in.flatClosed)
				}
			}
			flat, path := quartile(flats), quartile(paths)
			b.ReportMetric(flat, "flat-ns/row")
			b.ReportMetric(path, "path-ns/row")
			b.ReportMetric(path/flat, "ratio")
			b.ReportMetric(n/float64(in.flatClosed), "rows/session")
			b.ReportMetric(float64(mallocs)/float64(len(paths)*len(in.keys)/in.batch), "allocs/batch")
			b.ReportMetric(0, "ns/op")
		})
	}
}
