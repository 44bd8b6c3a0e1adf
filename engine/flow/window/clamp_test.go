package window

import (
	"errors"
	"slices"
	"testing"
)

// TestVectorClamp: what Kafka Streams clamps does not exist: at 1 of windows of 10
// that begin every 5 there is one window, where Beam has two.
func TestVectorClamp(t *testing.T) {
	w := Hop(10, 5, 0)
	if got := w.Assign(1, nil); !slices.Equal(got, []int64{-5, 0}) {
		t.Errorf("windows begin at %v", got)
	}
	w.Clamp = true
	for at, want := range map[int64][]int64{1: {0}, 5: {0, 5}, -1: nil, 0: {0}, 12: {5, 10}} {
		got := w.Assign(at, nil)
		if !slices.Equal(got, want) {
			t.Errorf("at %d windows begin at %v, want %v", at, got, want)
		}
		end, ok := w.FirstEnd(at)
		if ok != (len(want) > 0) || ok && end != want[0]+10 {
			t.Errorf("at %d the first end is %d, %t", at, end, ok)
		}
		start, _ := w.Slice(at)
		if ends := w.Ends(start, nil); len(ends) != len(want) {
			t.Errorf("the slice of %d has %v", at, ends)
		}
	}
	s := Sessions(5, Overlapping)
	s.Clamp = true
	if err := s.Validate(); !errors.Is(err, ErrClamp) {
		t.Errorf("clamped sessions: %v", err)
	}
}
