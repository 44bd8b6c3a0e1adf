package watermark

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawTime(t *rapid.T, label string) int64 {
	return rapid.OneOf(
		rapid.Int64Range(-50, 50), rapid.Int64(),
		rapid.Int64Range(math.MinInt64, math.MinInt64+50), rapid.Int64Range(math.MaxInt64-50, math.MaxInt64),
	).Draw(t, label)
}

func TestVectorWatermark(t *testing.T) {
	for _, c := range []struct {
		spec     Spec
		frontier int64
		want     int64
	}{
		{Spec{}, None, None},
		{Spec{}, 7, 7},
		{Spec{Bounded: 10}, 7, -3},
		{Spec{Bounded: 10}, None, None},
		{Spec{Bounded: 10}, None + 9, None},
		{Spec{Bounded: 10}, None + 11, None + 1},
		{Spec{Bounded: math.MaxInt64}, 0, -math.MaxInt64},
		{Spec{Bounded: math.MaxInt64}, -2, None},
		{Spec{Kind: Monotonic}, math.MaxInt64, math.MaxInt64},
	} {
		if got := c.spec.Watermark(c.frontier); got != c.want {
			t.Errorf("%+v Watermark(%d) = %d, want %d", c.spec, c.frontier, got, c.want)
		}
	}
}

// TestVectorStamp: a row does not see itself, late rows do not move the frontier
// back, and a row too far ahead of its arrival does not move it at all.
func TestVectorStamp(t *testing.T) {
	times := []int64{10, 12, 5, 1000, 13, 14}
	appends := []int64{10, 12, 12, 12, 13, 13}
	before := make([]int64, len(times))
	last, ahead := Spec{}.Stamp(None, times, nil, before, nil)
	if want := []int64{None, 10, 12, 12, 1000, 1000}; !slices.Equal(before, want) || last != 1000 || ahead != nil {
		t.Errorf("%v, %d, %v; want %v", before, last, ahead, want)
	}
	last, ahead = Spec{AheadMax: 1}.Stamp(3, times, appends, before, nil)
	if want := []int64{3, 10, 12, 12, 12, 13}; !slices.Equal(before, want) || last != 14 || !slices.Equal(ahead, []int32{3}) {
		t.Errorf("%v, %d, %v; want %v", before, last, ahead, want)
	}
	if (Spec{AheadMax: 5}).Ahead(math.MaxInt64, math.MaxInt64-3) {
		t.Error("the bound wraps")
	}
}

// TestVectorClassify: with d = 0 and windows of 10, as a row meets them.
func TestVectorClassify(t *testing.T) {
	for _, c := range []struct {
		w, end, allowed int64
		want            Class
	}{
		{None, 10, 0, OnTime},
		{9, 10, 0, OnTime},
		{10, 10, 0, Dropped},
		{10, 10, 5, Revision},
		{14, 10, 5, Revision},
		{15, 10, 5, Dropped},
		{math.MaxInt64, math.MaxInt64 - 3, 5, Revision}, // the cleanup time saturates
		{math.MaxInt64, math.MaxInt64, 0, Dropped},
		{math.MaxInt64 - 1, math.MaxInt64, 0, OnTime},
	} {
		if got := Classify(c.w, c.end, c.allowed); got != c.want {
			t.Errorf("Classify(%d, %d, %d) is %s, want %s", c.w, c.end, c.allowed, got, c.want)
		}
	}
}

// TestDifferentialClassify compares with the definition in integers without
// bounds, and a planted mistake with both.
func TestDifferentialClassify(t *testing.T) {
	seen := false
	rapid.Check(t, func(t *rapid.T) {
		end := drawTime(t, "end")
		w := drawTime(t, "w")
		if near := rapid.Int64Range(-2, 2).Draw(t, "near"); end > -1<<62 && end < 1<<62 && w%2 == 0 {
			w = end + near
		}
		allowed := rapid.OneOf(rapid.Int64Range(0, 50), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "allowed")
		want := Dropped
		limit := new(big.Int).Add(big.NewInt(end), big.NewInt(allowed))
		if big.NewInt(w).Cmp(big.NewInt(end)) < 0 {
			want = OnTime
		} else if big.NewInt(w).Cmp(limit) < 0 {
			want = Revision
		}
		if got := Classify(w, end, allowed); got != want {
			t.Fatalf("Classify(%d, %d, %d) is %s, want %s", w, end, allowed, got, want)
		}
		if off := Classify(w+1, end, allowed); w < math.MaxInt64 && off != want {
			seen = true
		}
	})
	if !seen {
		t.Error("a watermark that is off by one passes")
	}
}

// TestDifferentialCombiner compares with the least of all inputs, computed anew.
func TestDifferentialCombiner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "inputs")
		c := NewCombiner(n)
		model := slices.Repeat([]int64{None}, n)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			i, w := rapid.IntRange(0, n-1).Draw(t, "input"), drawTime(t, "w")
			before := slices.Min(model)
			model[i] = max(model[i], w)
			least, grew := c.Advance(i, w)
			if want := slices.Min(model); least != want || c.Least() != want || grew != (want > before) {
				t.Fatalf("least %d (grew: %v), want %d of %v", least, grew, want, model)
			}
			if h := c.Holder(); model[h] != least || slices.Index(model, least) != h || c.Input(h) != least || c.Len() != n {
				t.Fatalf("input %d holds %d of %v", h, least, model)
			}
		}
	})
	if c := NewCombiner(0); c.Least() != End || c.Holder() != -1 {
		t.Errorf("over nothing: %d, held by %d", c.Least(), c.Holder())
	}
}

// TestLawStamp: it does not matter how rows are cut into batches.
func TestLawStamp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Spec{AheadMax: rapid.SampledFrom([]int64{0, 1, 20}).Draw(t, "ahead")}
		n := rapid.IntRange(0, 20).Draw(t, "rows")
		times, appends := make([]int64, n), make([]int64, n)
		for i := range times {
			times[i], appends[i] = drawTime(t, "time"), rapid.Int64Range(-50, 50).Draw(t, "append")
		}
		whole := make([]int64, n)
		last, ahead := s.Stamp(None, times, appends, whole, nil)
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		parts := make([]int64, n)
		middle, first := s.Stamp(None, times[:cut], appends[:cut], parts[:cut], nil)
		end, second := s.Stamp(middle, times[cut:], appends[cut:], parts[cut:], nil)
		for _, i := range second {
			first = append(first, i+int32(cut))
		}
		if end != last || !slices.Equal(parts, whole) || !slices.Equal(first, ahead) {
			t.Fatalf("%v %d %v, cut at %d: %v %d %v", whole, last, ahead, cut, parts, end, first)
		}
		for i := range whole {
			if i > 0 && whole[i] < whole[i-1] {
				t.Fatalf("the frontier goes back: %v", whole)
			}
		}
	})
}

func TestVectorValidate(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{Bounded: 5, Across: Own}, ""},
		{Spec{Kind: 99}, "unknown strategy"},
		{Spec{Across: 9}, "unknown combination"},
		{Spec{AheadMax: -1}, "negative"},
		{Spec{Kind: Monotonic, Bounded: 1}, "takes no bound"},
	} {
		err := c.spec.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.spec, err, c.want)
		}
	}
}

func BenchmarkStamp(b *testing.B) {
	times, before := make([]int64, 8192), make([]int64, 8192)
	for i := range times {
		times[i] = int64(i*1000 - i%7*3000)
	}
	frontier := None
	for b.Loop() {
		frontier, _ = Spec{}.Stamp(frontier, times, nil, before, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(times)), "ns/row")
}
