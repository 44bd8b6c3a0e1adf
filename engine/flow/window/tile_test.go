package window

import (
	"math"
	"slices"
	"testing"
	"time"

	"parallax/engine/flow/civil"
)

// TestVectorTileEnds: at the ends of the int64 range there is a stretch that is no
// window, and nothing wraps.
func TestVectorTileEnds(t *testing.T) {
	apia, err := civil.New(civil.Day, "Pacific/Apia", time.Monday)
	if err != nil {
		t.Fatal(err)
	}
	days, all := Spec{Kind: Calendar, Civil: apia}, Spec{Kind: Global}
	if start, end := days.Slice(1325239200_000_000); days.End(start) != end || days.Start(end) != start {
		t.Errorf("[%d, %d): [%d, %d)", start, end, days.Start(end), days.End(start))
	}
	for _, s := range []Spec{all, days} {
		for _, at := range []int64{math.MinInt64, math.MaxInt64} {
			start, end := s.Slice(at)
			if start > at || end < at || len(s.Assign(at, nil)) > 0 || len(s.Ends(start, nil)) > 0 {
				t.Errorf("%v at %d: [%d, %d) has windows %v", s, at, start, end, s.Assign(at, nil))
			}
			if _, ok := s.FirstEnd(at); ok {
				t.Errorf("%v at %d: a first end", s, at)
			}
			inner := end
			if at > 0 {
				inner = start - 1
			}
			if from, to := s.Slice(inner); len(s.Assign(inner, nil)) != 1 || from == math.MinInt64 || to == math.MaxInt64 {
				t.Errorf("%v at %d: [%d, %d)", s, inner, from, to)
			}
		}
	}
	if s := all; !slices.Equal(s.Ends(0, nil), []int64{4611686018427387000}) || s.Start(s.End(0)) != -4611686018427387000 {
		t.Errorf("All ends at %v", s.Ends(0, nil))
	}
}

func TestVectorTileRefused(t *testing.T) {
	for _, s := range []Spec{
		{Kind: Calendar},
		{Kind: Calendar, Civil: new(civil.Calendar), Every: 1},
		{Kind: Global, Size: 1},
		{Kind: Tumbling, Size: 1, Every: 1, Civil: new(civil.Calendar)},
	} {
		if err := s.Validate(); err != errTile {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if err := (Spec{Kind: Global}).Validate(); err != nil {
		t.Error(err)
	}
}
