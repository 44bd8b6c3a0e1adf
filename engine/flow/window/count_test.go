package window

import (
	"errors"
	"testing"
)

// TestVectorCount: count windows know their edges, which are numbers, and no times.
func TestVectorCount(t *testing.T) {
	s := Count(3)
	if got := s.Assign(5, nil); len(got) != 0 || !s.Numbered() || !s.ByRows() || s.Kind.String() != "count" || s.End(6) != 9 || s.Start(9) != 6 {
		t.Errorf("%+v has windows %v", s, got)
	}
	for _, other := range []Spec{Tumble(3, 0), Slide(3, 1), Sessions(3, Touching), {Kind: Global}} {
		if other.Numbered() {
			t.Errorf("%+v is numbered", other)
		}
	}
	for want, list := range map[error][]Spec{
		nil:      {Count(1), Count(1 << 62)},
		errCount: {Count(0), Count(-1), {Kind: Counting, Size: 2, Every: 1}, {Kind: Counting, Size: 2, Every: 2, Offset: 1}, {Kind: Counting, Size: 2, Every: 2, Clamp: true}},
		ErrMerge: {{Kind: Counting, Size: 2, Every: 2, Merge: Touching}},
	} {
		for _, s := range list {
			if err := s.Validate(); !errors.Is(err, want) {
				t.Errorf("%+v: %v, want %v", s, err, want)
			}
		}
	}
}
