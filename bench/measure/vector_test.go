package measure

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine/flow/column"
)

// whole is an int64 value.
func whole(v int64) []column.Value {
	return []column.Value{{Type: column.TypeOf(column.Int64), Int: v}}
}

// window is one of ten seconds with so many rows, which are also its value.
func window(end, rows int64, shown ...Showing) History {
	h := History{Window: &Window{Start: end - 10, End: end, Rows: rows, Values: whole(rows)}, Due: end + 2}
	for _, s := range shown {
		if s.Values == nil {
			s.Values = whole(s.Rows)
		}
		h.Show(s)
	}
	return h
}

// story is four windows: one complete at first, one that is revised once, one that is
// never answered, and one that is censored.
func story() Histories {
	censored := window(40, 1, Showing{At: 100, Rows: 1})
	censored.Censored = true
	return Histories{
		window(10, 4, Showing{At: 13, Rows: 4}),
		window(20, 6, Showing{At: 22, Rows: 3}, Showing{At: 50, Rows: 5}),
		window(30, 2),
		censored,
	}
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })); d != "" {
		t.Errorf("%s: %s", what, d)
	}
}

func TestVectorLatency(t *testing.T) {
	list := story()
	check(t, "result", list.Result(), []int64{3, 2})
	check(t, "overhead", list.Overhead(), []int64{1, 0})
	list[0].Due = Never // the end of the input let it fire
	check(t, "result without what the end flushed", list.Result(), []int64{2})
	rows := Rows{{Time: 1, Arrival: 5, Seen: 13}, {Time: 2, Arrival: 30, Seen: 50}, {Time: 3, Arrival: 60, Seen: Never}}
	check(t, "event", rows.Event(), []int64{12, 48})
	check(t, "processing", rows.Processing(), []int64{8, 20})
}

func TestVectorDistribution(t *testing.T) {
	var values []int64
	for i := int64(1000); i > 0; i-- {
		values = append(values, i)
	}
	for _, c := range []struct {
		values []int64
		want   Distribution
		curve  []int64
	}{
		{values, Distribution{N: 1000, Mean: 500.5, Least: 1, P50: 500, P90: 900, P99: 990, P999: 999, Max: 1000}, []int64{1, 334, 667, 1000}},
		{[]int64{7}, Distribution{N: 1, Mean: 7, Least: 7, P50: 7, P90: 7, P99: 7, P999: 7, Max: 7}, []int64{7}},
		{nil, Distribution{Mean: math.NaN()}, nil},
	} {
		d := Distribute(c.values)
		if curve := d.Curve(4); !slices.Equal(curve, c.curve) {
			t.Errorf("curve %v, want %v", curve, c.curve)
		}
		d.sorted = nil
		if fmt.Sprint(d) != fmt.Sprint(c.want) {
			t.Errorf("%+v, want %+v", d, c.want)
		}
	}
}

func TestVectorCompleteness(t *testing.T) {
	list := story()
	check(t, "first", list.Completeness(First), Share{8.0 / 13, (1 + 0.5 + 0 + 1) / 4})
	check(t, "final", list.Completeness(Final), Share{10.0 / 13, (1 + 5.0/6 + 0 + 1) / 4})
	check(t, "2 behind", list.Completeness(Behind(2)), Share{3.0 / 13, (0 + 0.5) / 4})
	check(t, "none", Histories(nil).Completeness(First), Share{math.NaN(), math.NaN()})
	bands := list.Bands([]int64{1, 5, 30})
	check(t, "bands", bands, []Band{
		{Behind: 1, WithoutAnswer: 3},
		{Behind: 5, P5: 0, P50: 0.5, P95: 1, Micro: 7.0 / 12, Macro: 0.5, WithoutAnswer: 1},
		{Behind: 30, P5: 0, P50: 5.0 / 6, P95: 1, Micro: 9.0 / 12, Macro: (1 + 5.0/6) / 3, WithoutAnswer: 1},
	})
	twice := Histories{window(10, 4, Showing{At: 13, Rows: 6}), window(20, 4, Showing{At: 23, Rows: 2})}
	check(t, "counted twice", twice.Completeness(Final), Share{6.0 / 8, 0.75})
}

// TestVectorReach: three of 13 pairs are held from 2 behind the end on, seven from 3, the
// last of the ten that ever are from 60, where the censored window is answered.
func TestVectorReach(t *testing.T) {
	list := story()
	for share, want := range map[float64]int64{3.0 / 13: 2, 7.0 / 13: 3, 9.0 / 13: 30, 10.0 / 13: 60} {
		if us, ok := list.Reach(share); !ok || us != want {
			t.Errorf("%v: %v, %v; want %v", share, us, ok, want)
		}
	}
	if us, ok := list.Reach(1); ok {
		t.Errorf("all at %v", us)
	}
	back := Histories{window(10, 4, Showing{At: 11, Rows: 4}, Showing{At: 12, Rows: 1}, Showing{At: 20, Rows: 4})}
	if us, ok := back.Reach(1); !ok || us != 10 {
		t.Errorf("with rows that are taken back: %v, %v", us, ok)
	}
}

func TestVectorError(t *testing.T) {
	float := func(v float64) column.Value { return column.Value{Type: column.TypeOf(column.Float64), Float: v} }
	text := func(v string) column.Value { return column.Value{Type: column.TypeOf(column.String), String: v} }
	null := column.Value{Type: column.TypeOf(column.Int64), Null: true}
	for _, c := range []struct {
		got, want column.Value
		err       float64
	}{
		{whole(8)[0], whole(10)[0], 0.2},
		{whole(1)[0], whole(0)[0], 1}, // against max(|T|, 1)
		{float(0.25), float(0.5), 0.25},
		{float(-3), float(-6), 0.5},
		{float(math.NaN()), float(math.NaN()), 0},
		{float(math.Inf(1)), float(2), 1},
		{null, null, 0},
		{null, whole(1)[0], 1},
		{text("a"), text("a"), 0},
		{text("a"), text("b"), 1},
		{text(`[["a",3],["b",2]]`), text(`[["b",5],["c",4]]`), 1 - float64(1)/float64(3)}, // one item of three is in both
		{text(`[["a",3]]`), text(`[["a",4]]`), 0},
		{text(`[x`), text(`[y`), 1},
	} {
		if e := Error(c.got, c.want); e != c.err {
			t.Errorf("%v against %v: %v, want %v", c.got.Text(), c.want.Text(), e, c.err)
		}
	}
	list := story()
	check(t, "first", list.Errors(First, 1), Wrong{Mean: []float64{(0 + 0.5 + 1 + 0) / 4}, Exact: 0.5})
	check(t, "final", list.Errors(Final, 1), Wrong{Mean: []float64{(0 + Error(whole(5)[0], whole(6)[0]) + 1 + 0) / 4}, Exact: 0.5})
}

// TestVectorArea: of two windows one is right after 3, the other half wrong from 2 on and a
// sixth from 30 on; a third is never answered, and the censored one does not count.
func TestVectorArea(t *testing.T) {
	list := story()
	check(t, "area", list.Area(1, 40), []float64{(3 + (2 + 0.5*28 + float64(Error(whole(5)[0], whole(6)[0])*10)) + 40) / 3})
	check(t, "area of less", list.Area(1, 2), []float64{2})
	check(t, "answered before the end", Histories{window(10, 4, Showing{At: 5, Rows: 4})}.Area(1, 40), []float64{0})
	check(t, "area of nothing", Histories(nil).Area(1, 40), []float64{math.NaN()})
}

// TestVectorRank: of the values 1, 2, 2, 5, 9 the greatest is 9; whoever says 5 is one
// place away, and 4 would lie between two.
func TestVectorRank(t *testing.T) {
	var values []column.Value
	for _, v := range []int64{5, 2, 9, 1, 2} {
		values = append(values, whole(v)[0])
	}
	float := func(v float64) column.Value { return column.Value{Type: column.TypeOf(column.Float64), Float: v} }
	null := column.Value{Type: column.TypeOf(column.Int64), Null: true}
	for _, c := range []struct {
		share float64
		got   column.Value
		err   float64
	}{
		{1, whole(9)[0], 0},
		{1, whole(5)[0], 0.2},
		{1, whole(2)[0], 0.4},
		{1, whole(1)[0], 0.8},
		{0, whole(1)[0], 0},
		{0, whole(2)[0], 0.2},
		{0, whole(9)[0], 0.8},
		{0.5, float(2), 0},
		{0.5, float(4), 0}, // between the third and the fourth
		{0.5, float(7), 0.2},
		{1, null, 1},
	} {
		r := ranked{c.share, values}
		if e := r.fault(c.got); e != c.err {
			t.Errorf("%v of rank %v: %v, want %v", c.got.Text(), c.share, e, c.err)
		}
	}
	if e := (&ranked{}).fault(null); e != 0 {
		t.Errorf("nothing of nothing: %v", e)
	}
	list := Histories{window(10, 9, Showing{At: 13, Rows: 5}, Showing{At: 20, Rows: 9}), window(20, 9)}
	for i := range list {
		list[i].Rank(0, 1)
		for _, v := range values {
			list[i].Among(0, v)
		}
	}
	check(t, "at first", list.Ranks(First, 1), []float64{(0.2 + 1) / 2})
	check(t, "in the end", list.Ranks(Final, 1), []float64{(0 + 1.0) / 2})
	check(t, "of sums", story().Ranks(First, 1), []float64{math.NaN()})
}

func TestVectorStaleness(t *testing.T) {
	rows := Rows{{Time: 10, Seen: 20}, {Time: 15, Seen: 40}, {Time: 30, Seen: 35}, {Time: 5, Seen: Never}}
	// At 10 the rows of 10 and 15 are missing, and the first of them has just happened; at
	// 20 that of 15; at 40 none.
	check(t, "staleness", rows.Staleness(10, 40, 4), []int64{0, 5, 15, 0})
}

func TestVectorRevisions(t *testing.T) {
	list := story()
	check(t, "changes", list.Revisions(1), Changes{Revisions: 1, Revised: 1, PerWindow: 1.0 / 3, Churn: []float64{2.0 / 6 / 3}})
	check(t, "to the last answer", list.ToFinal(), []int64{3, 30})
	again := Histories{window(10, 4, Showing{At: 13, Rows: 4}, Showing{At: 14, Rows: 4})}
	check(t, "the same again", again.Revisions(1), Changes{PerWindow: 0, Churn: []float64{0}})
	check(t, "nothing shown", Histories{window(10, 1)}.Revisions(0), Changes{PerWindow: math.NaN(), Churn: []float64{}})
}

func TestVectorLag(t *testing.T) {
	source := []Mark{{0, 0}, {10, 9}, {20, 18}}
	shown := []Mark{{2, -5}, {12, 4}, {25, Never}}
	got := Lags(source, shown, 5, 0, 30, 4) // at 0, 10, 20, 30
	check(t, "lags", got, []Lag{{1, 5, 9}, {2, 5, 9}})
	for i, l := range got {
		if at := int64(10 * (i + 1)); l.Source+l.Policy+l.Propagation != at-[]int64{-5, 4}[i] {
			t.Errorf("at %d the parts are not all of the lag: %+v", at, l)
		}
	}
}

func TestVectorHeld(t *testing.T) {
	for _, c := range []struct {
		levels []Level
		end    int64
		mean   float64
		peak   int64
	}{
		{[]Level{{0, 4}, {10, 8}, {20, 0}}, 40, 120.0 / 40, 8},
		{[]Level{{5, 3}}, 5, 3, 3},
		{[]Level{{0, 1}, {10, 9}}, 5, 1, 1}, // what is held later does not count
		{nil, 5, 0, 0},
	} {
		if mean, peak := Hold(c.levels, c.end); mean != c.mean || peak != c.peak {
			t.Errorf("%v: %v, %v; want %v, %v", c.levels, mean, peak, c.mean, c.peak)
		}
	}
}

func TestVectorCount(t *testing.T) {
	check(t, "story", story().Count(0), Tally{Pairs: 13, Under: 3, Missing: 1})
	// Counted twice for a while is over-counted, though it is right in the end.
	twice := Histories{window(10, 4, Showing{At: 13, Rows: 6}, Showing{At: 15, Rows: 4})}
	check(t, "twice for a while", twice.Count(1), Tally{Pairs: 4, Over: 3})
}

func TestVectorWork(t *testing.T) {
	all := Work{Role: "all", ProcessorNs: 1, Wrote: 2, Read: 3, Sent: 4, Stored: 5, StoredPeak: 6}.Plus(Work{Role: "b", ProcessorNs: 10, Stored: 1})
	check(t, "total", all, Work{Role: "all", ProcessorNs: 11, Wrote: 2, Read: 3, Sent: 4, Stored: 6, StoredPeak: 6})
}

func TestVectorRecovery(t *testing.T) {
	check(t, "recovery", Recovery([]int64{5, 10, 30, 99}, []int64{4, 10, 25, 40}, 50), []int64{5, 15, 10})
}
