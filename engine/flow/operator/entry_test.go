package operator

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// TestDifferentialWalk compares the entry's walk with the definition: stamps, the
// extent, and that no row is behind where it says so, also at the ends of time.
func TestDifferentialWalk(t *testing.T) {
	calm := 0
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 9))
		spec := watermark.Spec{Bounded: rapid.SampledFrom([]int64{0, 1, 50, math.MaxInt64}).Draw(t, "bounded")}
		frontier := rapid.SampledFrom([]int64{column.NoFrontier, -1000, 0, 900, math.MaxInt64}).Draw(t, "frontier")
		disorder := rapid.SampledFrom([]int64{1, 2, 40, math.MaxInt64}).Draw(t, "disorder")
		times := make([]int64, rapid.IntRange(1, 3000).Draw(t, "rows"))
		at := rapid.SampledFrom([]int64{-1500, 0, math.MaxInt64 - 1000, math.MinInt64}).Draw(t, "from")
		for i := range times {
			times[i] = at - rng.Int64N(disorder)*int64(rng.IntN(20)/19)
			at += int64(rng.IntN(3))
		}
		want := make([]int64, len(times))
		after, _ := spec.Stamp(frontier, times, nil, want, nil)
		got := make([]int64, len(times))
		last, x := walk(frontier, spec.Bounded, times, got)
		if last != after || !slices.Equal(got, want) {
			t.Fatalf("frontiers differ: %d, want %d", last, after)
		}
		if x.lo != slices.Min(times) || x.hi != slices.Max(times) {
			t.Fatalf("extent %d to %d, want %d to %d", x.lo, x.hi, slices.Min(times), slices.Max(times))
		}
		if x.calm {
			calm++
		}
		for i, row := range times {
			if x.calm && row < spec.Watermark(want[i]) {
				t.Fatalf("row %d, time %d, is behind %d", i, row, spec.Watermark(want[i]))
			}
		}
	})
	if calm == 0 {
		t.Error("no batch was calm")
	}
}

// TestVectorAheadMax: a row from the future is rejected, listed, and does not
// move the frontier; a batch of nothing else has an empty selection, not none.
func TestVectorAheadMax(t *testing.T) {
	e := NewEntry(watermark.Spec{AheadMax: 10}, 1)
	b := &column.Batch{Rows: 3, Offset: 7, Times: []int64{5, 99, 6}, Appends: []int64{5, 5, 5}}
	e.Stamp(b, nil)
	if !slices.Equal(b.Select, []int32{0, 2}) || !slices.Equal(b.Frontiers, []int64{column.NoFrontier, 5, 5}) {
		t.Errorf("selection %v, frontiers %v", b.Select, b.Frontiers)
	}
	if r := e.Rejects(); len(r) != 1 || r[0] != (Reject{Offset: 8, Time: 99, Append: 5}) || e.Rejected(0) != 1 {
		t.Errorf("rejects %+v, %d counted", r, e.Rejected(0))
	}
	b = &column.Batch{Rows: 1, Times: []int64{99}, Appends: []int64{5}}
	if e.Stamp(b, nil); b.Select == nil || len(b.Select) != 0 || e.Frontier(0) != 6 {
		t.Errorf("selection %v, frontier %d", b.Select, e.Frontier(0))
	}
	if e.Idle(0, 4); e.Frontier(0) != 6 {
		t.Error("an idle record moved the frontier back")
	}
	if e.Idle(0, 40); e.Frontier(0) != 40 {
		t.Error("an idle record did not move the frontier")
	}
}
