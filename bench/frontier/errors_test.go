package frontier

import (
	"math"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
)

// TestOracleErrors: the errors of every delay are those that come of looking at each
// window by itself.
func TestOracleErrors(t *testing.T) {
	nonzero := 0
	for seed := range uint64(400) {
		s := newStory(seed)
		trace, _ := s.trace(t)
		delays := []int64{0, 1000, s.delay, 20_000, 50_000}
		if s.delay < 1000 || s.delay > 20_000 {
			delays = []int64{0, 1000, 20_000, 50_000}
		}
		points := trace.Curve(delays)
		errs := trace.Errors(s.plan(t).Functions())
		s.again(t, errs)
		errs.Fill(points)
		for i, d := range delays {
			want := s.meanError(d)
			if got := points[i].Errors[0]; math.Abs(got-want) > 1e-12 {
				t.Fatalf("story %d, delay %d: error %v, want %v", seed, d, got, want)
			}
			if want > 0 {
				nonzero++
			}
		}
	}
	if nonzero == 0 {
		t.Error("nothing was compared")
	}
}

// again is the second pass.
func (s *story) again(t testing.TB, errs *Errors) {
	path := operator.NewPath(s.plan(t), s.partitions)
	offsets := make([]int64, s.partitions)
	var b column.Batch
	for _, a := range s.arrivals {
		if a.idle {
			path.Entry().Idle(a.partition, a.time)
			errs.Idle(a.partition, a.time)
			continue
		}
		rows([]arrival{a}, offsets[a.partition], &b)
		offsets[a.partition]++
		in, err := path.Front(&b)
		if err != nil {
			t.Fatal(err)
		}
		selected, keys := path.Counted()
		errs.Add(&Rows{
			Partition: a.partition, Times: b.Times, Appends: b.Appends, Frontiers: b.Frontiers, Select: selected, Keys: keys,
			After: path.Entry().Frontier(a.partition),
		}, in)
	}
}

// meanError counts the rows of every window, kept and all, from the definitions.
func (s *story) meanError(d int64) float64 {
	frontiers := make([]int64, s.partitions)
	for i := range frontiers {
		frontiers[i] = column.NoFrontier
	}
	kept, all := map[fired]int64{}, map[fired]int64{}
	for _, a := range s.arrivals {
		f := frontiers[a.partition]
		if s.late.Rule == flow.Operator && s.across != watermark.Own {
			for _, g := range frontiers {
				f = min(f, g)
			}
		}
		frontiers[a.partition] = max(frontiers[a.partition], a.time)
		if a.idle || a.filtered {
			continue
		}
		for _, start := range s.window.Assign(a.time, nil) {
			w := fired{a.key, start + s.window.Size}
			all[w]++
			if f == column.NoFrontier || f-w.end < d+s.late.Allowed {
				kept[w]++
			}
		}
	}
	sum := 0.0
	for w, n := range all {
		if kept[w] == 0 {
			sum++
		} else {
			sum += float64(n-kept[w]) / float64(n)
		}
	}
	if len(all) == 0 {
		return 0
	}
	return sum / float64(len(all))
}
