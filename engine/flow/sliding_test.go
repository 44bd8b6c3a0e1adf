package flow_test

import (
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

func slide(difference, grain int64) flow.Step {
	w := window.Slide(difference, grain)
	return flow.Step{Window: &w}
}

// TestVectorSliding: how sliding windows are printed, what is refused, and that nothing
// of them merges across a cut.
func TestVectorSliding(t *testing.T) {
	p := pipeline(keyBy("country"), slide(1800*second, 1000), aggregate(t, "n", "count()"))
	if !strings.Contains(p.String(), "  - window: {sliding: 30m}\n") || p.Merges(1) || p.Merges(2) || !p.Merges(0) {
		t.Errorf("got:\n%s", p)
	}
	p.Steps[1] = slide(1800*second, second)
	if !strings.Contains(p.String(), "  - window: {sliding: 30m, grain: 1s}\n") {
		t.Errorf("got:\n%s", p)
	}
	for want, s := range map[string]flow.Step{
		`pipeline[0].window: difference 500us is not a whole number of milliseconds, in which results give a window's edges`: slide(500, 1),
		`pipeline[0].window: grain 1us is not a whole number of milliseconds, in which results give a window's edges`:        slide(second, 1),
		`pipeline[0].window: window: the difference of sliding windows must be a multiple of their grain, which is positive, ` +
			`and not be negative`: slide(500, 1000),
	} {
		if _, err := pipeline(s, aggregate(t, "n", "count()")).Plan(retail); err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
