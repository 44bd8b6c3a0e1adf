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

// slidingInput is rows in order, so many of a key in a window on average.
type slidingInput struct {
	sessionInput
	difference int64
	out        struct {
		keys                 []uint32
		starts, ends, n, sum []int64
	}
}

func newSlidingInput(rows, distinct, batch, each int) *slidingInput {
	rng := rand.New(rand.NewPCG(1, 2))
	in := &slidingInput{difference: int64(each) * int64(distinct) * 1000}
	in.distinct, in.batch = distinct, batch
	for i := range rows {
		in.keys = append(in.keys, uint32(rng.IntN(distinct)))
		in.times = append(in.times, int64(i)*1000)
		in.values = append(in.values, rng.Int64N(1000))
	}
	return in
}

// flat is the loop written by hand: a ring of each key's rows, what is in the window
// and its sum, from which what leaves is subtracted. It writes the windows into
// columns. It fires nothing by time, knows no two rows of a key at one time and no late
// rows, and could not compute a greatest value.
func (in *slidingInput) flat() {
	type entry struct{ at, v int64 }
	type slot struct {
		ring       []entry
		head, tail uint32 // ever rising
		sum        int64
	}
	slots := make([]slot, in.distinct)
	in.flatRows, in.flatClosed = 0, 0
	out := &in.out
	flush := func() {
		for _, n := range out.n {
			in.flatRows += n
		}
		in.flatClosed += int64(len(out.n))
		out.keys, out.starts, out.ends, out.n, out.sum = out.keys[:0], out.starts[:0], out.ends[:0], out.n[:0], out.sum[:0]
	}
	emit := func(key uint32, s *slot, start int64) {
		out.keys, out.starts, out.ends = append(out.keys, key), append(out.starts, start/1000), append(out.ends, (start+in.difference)/1000+1)
		out.n, out.sum = append(out.n, int64(s.tail-s.head)), append(out.sum, s.sum)
	}
	leave := func(key uint32, s *slot, before int64) {
		for s.head != s.tail {
			first := &s.ring[s.head&uint32(len(s.ring)-1)]
			if first.at >= before {
				return
			}
			s.head++
			s.sum -= first.v
			if after := first.at + 1000; s.head != s.tail && after != before {
				emit(key, s, after)
			}
		}
	}
	for i, t := range in.times {
		key := in.keys[i]
		s := &slots[key]
		leave(key, s, t-in.difference)
		if int(s.tail-s.head) == len(s.ring) {
			grown := make([]entry, max(8, 2*len(s.ring)))
			for n := s.head; n != s.tail; n++ {
				grown[n&uint32(len(grown)-1)] = s.ring[n&uint32(len(s.ring)-1)]
			}
			s.ring = grown
		}
		s.ring[s.tail&uint32(len(s.ring)-1)] = entry{t, in.values[i]}
		s.tail++
		s.sum += in.values[i]
		emit(key, s, t-in.difference)
		if len(out.n) >= in.batch {
			flush()
		}
	}
	for key := range slots {
		leave(uint32(key), &slots[key], 1<<62)
	}
	flush()
}

// plan is count and the given aggregate of an integer by an integer key.
func (in *slidingInput) plan(b *testing.B, calls ...string) *flow.Plan {
	var list []flow.Aggregate
	for _, src := range calls {
		call, err := expr.ParseCall(src)
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, flow.Aggregate{Name: src, Call: call})
	}
	w := window.Slide(in.difference, 1000)
	pipeline := &flow.Pipeline{Steps: []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}, {Aggregates: list}}}
	plan, err := pipeline.Plan(column.Schema{
		{Name: "k", Type: column.TypeOf(column.Int64)}, {Name: "v", Type: column.TypeOf(column.Int64)},
	})
	if err != nil {
		b.Fatal(err)
	}
	return plan
}

// fresh is a path without rows that has the memory of one that ran.
func freshSliding(plan *flow.Plan, warm *Path, how summing) *Path {
	path := NewPath(plan, 1)
	s := path.last.(*slides)
	if warm == nil {
		s.sums.how = how
		return path
	}
	path.first.keyer = warm.first.keyer
	used := warm.last.(*slides)
	s.keys, s.tracks, s.leaves, s.free = used.keys, used.tracks, used.leaves, used.free
	s.table, s.pending.table, s.sums, s.panes = used.table, used.table, used.sums, used.panes
	s.sums.how = how
	s.lanes[0].timers = used.lanes[0].timers[:0]
	return path
}

// BenchmarkSliding compares keyed sliding windows, count and sum of int64, from batches
// to the columns of their panes, with the flat loop, in turn, by processor time. There
// are nearly two windows for each row.
func BenchmarkSliding(b *testing.B) {
	for _, c := range []struct{ distinct, batch, each int }{{1, 8192, 256}, {1000, 8192, 4}, {1000, 8192, 64}, {100_000, 65536, 8}} {
		b.Run(fmt.Sprintf("keys=%d/each=%d", c.distinct, c.each), func(b *testing.B) {
			in := newSlidingInput(1<<20, c.distinct, c.batch, c.each)
			plan := in.plan(b, "count()", "sum(v)")
			warm := freshSliding(plan, nil, byRetracting)
			in.path(b, plan, warm)
			var flats, paths []float64
			var mallocs uint64
			n := float64(len(in.keys))
			for b.Loop() {
				start := cpu()
				in.flat()
				flats = append(flats, float64(cpu()-start)/n)
				path := freshSliding(plan, warm, byRetracting)
				var m0, m1 runtime.MemStats
				runtime.ReadMemStats(&m0)
				start = cpu()
				rows, windows := in.path(b, plan, path)
				paths = append(paths, float64(cpu()-start)/n)
				runtime.ReadMemStats(&m1)
				mallocs += m1.Mallocs - m0.Mallocs
				warm = path
				if rows != in.flatRows || windows != in.flatClosed {
					b.Fatalf("path: %d rows in %d windows, flat: %d in %d", rows, windows, in.flatRows, in.flatClosed)
				}
			}
			flat, path := quartile(flats), quartile(paths)
			b.ReportMetric(flat, "flat-ns/row")
			b.ReportMetric(path, "path-ns/row")
			b.ReportMetric(path/flat, "ratio")
			b.ReportMetric(float64(in.flatClosed)/n, "windows/row")
			b.ReportMetric(float64(mallocs)/float64(len(paths)*len(in.keys)/in.batch), "allocs/batch")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkSlidingMax compares the greatest value, which cannot be taken out of a
// window again, from two stacks with the same computed anew for each window.
func BenchmarkSlidingMax(b *testing.B) {
	for _, each := range []int{4, 16, 64, 256, 1024} {
		b.Run(fmt.Sprintf("each=%d", each), func(b *testing.B) {
			in := newSlidingInput(1<<17, 16, 8192, each)
			plan := in.plan(b, "max(v)")
			var times [2][]float64
			n := float64(len(in.keys))
			warm := [2]*Path{}
			for b.Loop() {
				var sums [2]int64
				for i := range times {
					path := freshSliding(plan, warm[i], []summing{byStacks, byPlain}[i])
					start := cpu()
					sums[i], _ = in.path(b, plan, path)
					times[i] = append(times[i], float64(cpu()-start)/n)
					warm[i] = path
				}
				if sums[0] != sums[1] {
					b.Fatalf("sums of the greatest values: %d and %d", sums[0], sums[1])
				}
			}
			stacks, plain := quartile(times[0]), quartile(times[1])
			b.ReportMetric(stacks, "stacks-ns/row")
			b.ReportMetric(plain, "plain-ns/row")
			b.ReportMetric(plain/stacks, "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
}
