package trigger

import (
	"math"
	"slices"
	"testing"
)

// ones adds rows one by one and lists after how many of them a pane comes.
func ones(f Firings, rows int) []int {
	var p Progress
	var fired []int
	at := At{Watermark: math.MinInt64, Start: 0, End: 10}
	for n := 1; n <= rows; n++ {
		if f.Add(&p, 1, at) {
			fired = append(fired, n)
			f.Fired(&p, at)
		}
	}
	return fired
}

func count(n int64) Rule { return Rule{Count: n} }

// TestVectorS51AfterEach: prism's AfterEach(2, 1, 3).
func TestVectorS51AfterEach(t *testing.T) {
	if got := ones(Firings{AfterEach: []Rule{count(2), count(1), count(3)}}, 10); !slices.Equal(got, []int{2, 3, 6}) {
		t.Errorf("fires after %v", got)
	}
}

// TestVectorS52OrFinally: prism's OrFinally(2, 7): what ends it counts from the
// beginning, not from the last pane.
func TestVectorS52OrFinally(t *testing.T) {
	if got := ones(Firings{Rule: count(2), OrFinally: count(7)}, 20); !slices.Equal(got, []int{2, 4, 6, 7}) {
		t.Errorf("fires after %v", got)
	}
	both := Firings{AfterEach: []Rule{count(2), count(1), count(3)}, OrFinally: count(5)}
	if got := ones(both, 20); !slices.Equal(got, []int{2, 3, 5}) {
		t.Errorf("both fire after %v", got)
	}
}

// TestVectorS36Holds is Beam's testWatermarkHoldAndLateData: rows behind the output
// watermark do not hold it, their window is held to its end of life; the result is
// at the earliest row that does.
func TestVectorS36Holds(t *testing.T) {
	h := NewHolds(math.MinInt64)
	const window, gone = 10, 9 + 10
	h.Hold(window, 1, gone)
	h.Hold(window, 3, gone)
	if h.Least() != 1 {
		t.Errorf("held at %d, want 1", h.Least())
	}
	if at := h.Release(window); at != 1 || h.Least() != Never {
		t.Errorf("the first pane is at %d, then %d", at, h.Least())
	}
	if out := h.Advance(4, Never); out != 4 {
		t.Errorf("output at %d, want 4", out)
	}
	h.Hold(window, 2, gone)
	h.Hold(window, 3, gone)
	if h.Least() != 19 {
		t.Errorf("held at %d, want 19", h.Least())
	}
	h.Hold(window, 5, gone)
	if h.Least() != 5 {
		t.Errorf("held at %d, want 5", h.Least())
	}
	h.Hold(window, 4, gone)
	if at := h.Release(window); at != 4 {
		t.Errorf("the pane is at %d, want 4", at)
	}
	if out := h.Advance(12, 7); out != 7 {
		t.Errorf("output at %d with a row pending at 7", out)
	}
	if out := h.Advance(3, Never); out != 7 {
		t.Errorf("the output went back to %d", out)
	}
}

// TestVectorRules: by the watermark, by the clock, whichever is first; a phase that
// has ended says nothing more.
func TestVectorRules(t *testing.T) {
	at := func(w, clock int64) At { return At{Watermark: w, Clock: clock, Start: 10, End: 40} }
	f := Firings{Rule: Rule{Every: 10, Processing: 7}, OrFinally: Rule{Processing: 100}}
	var p Progress
	if f.Add(&p, 1, at(math.MinInt64, 50)); f.Due(&p) != (Dues{20, 57}) {
		t.Errorf("due %+v", f.Due(&p))
	}
	if f.Fired(&p, at(20, 50)); f.Due(&p) != (Dues{Never, Never}) {
		t.Errorf("with nothing new due %+v", f.Due(&p))
	}
	if f.Add(&p, 1, at(29, 60)); f.Due(&p) != (Dues{30, 67}) {
		t.Errorf("due %+v", f.Due(&p))
	}
	if f.Fired(&p, at(30, 60)); p.Done {
		t.Error("done before its time")
	}
	if f.Add(&p, 1, at(31, 140)); f.Due(&p) != (Dues{Never, 147}) {
		t.Errorf("in the last part due %+v", f.Due(&p))
	}
	f.Fired(&p, at(31, 147))
	if f.Add(&p, 5, at(31, 150)); !p.Done || f.Due(&p) != (Dues{Never, Never}) {
		t.Errorf("the end came while nothing was new: %+v", p)
	}
	if p.New != 5 || p.All != 8 {
		t.Errorf("counted %+v", p)
	}
}

func TestVectorRefused(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		want error
	}{
		{Spec{}, nil},
		{Spec{Early: Firings{Rule: Rule{Every: 5, Count: 2}}}, nil},
		{Spec{Early: Firings{Rule: Rule{Every: -5}}}, ErrRule},
		{Spec{Early: Firings{AfterEach: []Rule{{}}}}, ErrRule},
		{Spec{Early: Firings{Rule: count(1), AfterEach: []Rule{count(1)}}}, ErrEach},
		{Spec{Early: Firings{OrFinally: count(1)}}, ErrFinally},
		{Spec{Late: Firings{Rule: Rule{Every: 5}}}, ErrLate},
		{Spec{Late: Firings{Rule: count(2)}, LateNever: true}, ErrNever},
		{Spec{Panes: 3}, ErrMode},
	} {
		if got := c.spec.Validate(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.spec, got, c.want)
		}
	}
}
