package window

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestLawSlidingEdges: the grid, and the first window that a row is on time for, are
// those of the definition in integers without bounds.
func TestLawSlidingEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		grain := rapid.OneOf(rapid.Int64Range(1, 9), rapid.Int64Range(1, 1<<40)).Draw(t, "grain")
		s := Slide(grain*rapid.Int64Range(0, 20).Draw(t, "difference"), grain)
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		at, w := drawTime(t), drawTime(t)
		u, ok := s.Grid(at)
		far := new(big.Int).Add(big.NewInt(s.Size), big.NewInt(s.Every))
		low, high := new(big.Int).Sub(big.NewInt(at), far), new(big.Int).Add(big.NewInt(at), far)
		if ok != (low.IsInt64() && high.IsInt64()) {
			t.Fatalf("%+v: Grid(%d) = %v", s, at, ok)
		}
		if starts := s.Assign(at, nil); !ok {
			if len(starts) > 0 {
				t.Fatalf("%+v: %d has windows %v", s, at, starts)
			}
			return
		} else if !slices.Equal(starts, []int64{s.Own(u)}) {
			t.Fatalf("%+v: %d has windows %v", s, at, starts)
		}
		if u > at || at-u >= grain || u%grain != 0 || s.End(s.Own(u)) != u+grain || s.After(u) != u+grain {
			t.Fatalf("%+v: %d counts as at %d", s, at, u)
		}
		want := s.After(u)
		for start := s.Own(u); start <= u; start += grain {
			if start+s.Size > w {
				want = start
				break
			}
		}
		if got := s.Enters(u, w); min(got, s.After(u)) != want {
			t.Fatalf("%+v: Enters(%d, %d) = %d, want %d", s, u, w, got, want)
		}
	})
}

func TestVectorSlide(t *testing.T) {
	for want, s := range map[error]Spec{
		nil: Slide(0, 1), errSlide: Slide(10, 3), ErrMerge: {Kind: Sliding, Size: 2, Every: 1, Merge: Touching},
	} {
		if err := s.Validate(); err != want {
			t.Errorf("%+v: %v, want %v", s, err, want)
		}
	}
	for _, s := range []Spec{Slide(-1, 1), Slide(1, 0), Slide(math.MaxInt64, 1)} {
		if s.Validate() != errSlide {
			t.Errorf("%+v: %v", s, s.Validate())
		}
	}
	if s := Slide(10, 1); s.Difference() != 10 || s.Kind.String() != "sliding" || !s.ByRows() || Tumble(1, 0).ByRows() {
		t.Errorf("%+v", s)
	}
}
