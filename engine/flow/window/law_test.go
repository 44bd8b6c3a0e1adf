package window

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawSpec prefers lengths that divide badly, now and then enormous ones.
func drawSpec(t *rapid.T) Spec {
	length := func(label string) int64 {
		if rapid.IntRange(0, 9).Draw(t, label+"Huge") == 0 {
			return rapid.Int64Range(1<<61, math.MaxInt64).Draw(t, label)
		}
		return rapid.Int64Range(1, 40).Draw(t, label)
	}
	offset := rapid.OneOf(rapid.Int64Range(-50, 50), rapid.Int64()).Draw(t, "offset")
	if rapid.Bool().Draw(t, "tumbling") {
		return Tumble(length("size"), offset)
	}
	s := Hop(length("size"), length("every"), offset)
	if s.Validate() != nil { // too many windows for a row
		s.Every = s.Size
	}
	return s
}

func drawTime(t *rapid.T) int64 {
	return rapid.OneOf(
		rapid.Int64Range(-200, 200), rapid.Int64(),
		rapid.Int64Range(math.MinInt64, math.MinInt64+100), rapid.Int64Range(math.MaxInt64-100, math.MaxInt64),
	).Draw(t, "time")
}

// placed is the windows of t by the definition: all integers k for which
// Offset + k*Every <= t < Offset + k*Every + Size, in integers without bounds,
// less those whose edges are no int64.
func placed(s Spec, t int64) []int64 {
	big1 := func(v int64) *big.Int { return big.NewInt(v) }
	low := new(big.Int).Sub(big1(t), big1(s.Size)) // starts are above it
	k := new(big.Int).Sub(low, big1(s.Offset))
	k.Div(k, big1(s.Every))
	var out []int64
	for {
		k.Add(k, big1(1))
		start := new(big.Int).Mul(k, big1(s.Every))
		start.Add(start, big1(s.Offset))
		if start.Cmp(big1(t)) > 0 {
			return out
		}
		end := new(big.Int).Add(start, big1(s.Size))
		if start.IsInt64() && end.IsInt64() {
			out = append(out, start.Int64())
		}
	}
}

// TestDifferentialAssign compares with the definition, at the ends of the int64
// range too.
func TestDifferentialAssign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, at := drawSpec(t), drawTime(t)
		if got, want := s.Assign(at, nil), placed(s, at); !slices.Equal(got, want) {
			t.Fatalf("%+v Assign(%d) = %v, want %v", s, at, got, want)
		}
	})
}

// TestDifferentialAssignSees: the comparison sees ends that are inclusive,
// starts that are exclusive and modulo that is not floored.
func TestDifferentialAssignSees(t *testing.T) {
	for name, wrong := range map[string]func(s Spec, t int64) []int64{
		"inclusive end":   func(s Spec, t int64) []int64 { s.Size++; return s.Assign(t, nil) },
		"exclusive start": func(s Spec, t int64) []int64 { return s.Assign(t-1, nil) },
		"truncated modulo": func(s Spec, t int64) []int64 {
			return []int64{t - (t-s.Offset)%s.Every}
		},
	} {
		seen := false
		for at := int64(-20); at < 20; at++ {
			s := Tumble(7, 3)
			seen = seen || !slices.Equal(wrong(s, at), placed(s, at))
		}
		if !seen {
			t.Errorf("%s passes", name)
		}
	}
}

// TestLawSlices: slices tile time; all times of a slice have the same windows,
// whose ends Ends lists; FirstEnd is the least of them; and there are at most two
// slices in a period.
func TestLawSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, at := drawSpec(t), drawTime(t)
		s.Clamp = rapid.Bool().Draw(t, "clamp")
		from, to := s.Slice(at)
		if from > at || to <= at && at != math.MaxInt64 {
			t.Fatalf("%+v Slice(%d) = [%d, %d)", s, at, from, to)
		}
		var ends []int64
		for _, start := range s.Assign(at, nil) {
			ends = append(ends, s.End(start))
			if s.Start(s.End(start)) != start {
				t.Fatalf("%+v: window at %d ends at %d", s, start, s.End(start))
			}
		}
		if got := s.Ends(from, nil); !slices.Equal(got, ends) {
			t.Fatalf("%+v Ends(%d) = %v; %d has %v", s, from, got, at, ends)
		}
		if a, b, n := s.EndRange(from); n != len(ends) || n > 0 && (a != ends[0] || b != ends[n-1]) {
			t.Fatalf("%+v EndRange(%d) = %d, %d, %d; Ends are %v", s, from, a, b, n, ends)
		}
		first, ok := s.FirstEnd(at)
		if ok != (len(ends) > 0) || ok && first != ends[0] {
			t.Fatalf("%+v FirstEnd(%d) = %d, %v; it has %v", s, at, first, ok, ends)
		}
		if from != math.MinInt64 { // the slice before
			if earlier, edge := s.Slice(from - 1); edge != from || earlier >= from {
				t.Fatalf("%+v: slice [%d, %d) before %d", s, earlier, edge, from)
			} else if next, _ := s.Slice(at); from != next {
				t.Fatalf("%+v: %d and %d", s, from, next)
			} else if two := Sub(to, earlier); two < s.Every && earlier != math.MinInt64 && to != math.MaxInt64 {
				t.Fatalf("%+v: three slices within %d from %d", s, two, earlier)
			}
		}
		if inside := rapid.Int64Range(from, max(from, to-1)).Draw(t, "inside"); true {
			if a, b := s.Slice(inside); a != from || b != to {
				t.Fatalf("%+v: Slice(%d) = [%d, %d), of %d it is [%d, %d)", s, inside, a, b, at, from, to)
			}
		}
	})
}

// TestLawSaturation: Add and Sub are exact, and held at the ends.
func TestLawSaturation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawTime(t), drawTime(t)
		hold := func(v *big.Int) int64 {
			switch {
			case v.IsInt64():
				return v.Int64()
			case v.Sign() < 0:
				return math.MinInt64
			}
			return math.MaxInt64
		}
		if got, want := Add(a, b), hold(new(big.Int).Add(big.NewInt(a), big.NewInt(b))); got != want {
			t.Fatalf("Add(%d, %d) = %d, want %d", a, b, got, want)
		}
		if got, want := Sub(a, b), hold(new(big.Int).Sub(big.NewInt(a), big.NewInt(b))); got != want {
			t.Fatalf("Sub(%d, %d) = %d, want %d", a, b, got, want)
		}
	})
}

func TestVectorValidate(t *testing.T) {
	for want, s := range map[error]Spec{
		nil: Hop(10, 3, -1), ErrKind: {}, ErrSize: Tumble(0, 0), ErrEvery: Hop(5, 0, 0),
		errTumble: {Kind: Tumbling, Size: 2, Every: 1}, errMany: Hop(1<<16+1, 1, 0),
	} {
		if err := s.Validate(); err != want {
			t.Errorf("%+v: %v, want %v", s, err, want)
		}
	}
}

func BenchmarkAssign(b *testing.B) {
	for _, c := range []struct {
		name string
		spec Spec
	}{{"tumbling", Tumble(5_000_000, 0)}, {"hopping5", Hop(10_000_000, 2_000_000, 0)}} {
		b.Run(c.name, func(b *testing.B) {
			var buf []int64
			at := int64(1_700_000_000_000_000)
			for b.Loop() {
				buf = c.spec.Assign(at, buf[:0])
				at += 1_003
			}
		})
	}
}
