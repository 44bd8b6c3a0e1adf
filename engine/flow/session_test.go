package flow_test

import (
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

func session(gap int64, merge window.Merge) flow.Step {
	w := window.Sessions(gap, merge)
	return flow.Step{Window: &w}
}

// TestVectorSession: how sessions are printed and drawn, and what of a pipeline
// merges across a cut.
func TestVectorSession(t *testing.T) {
	p := pipeline(filter(t, "quantity > 0"), keyBy("country"), session(1800*second, window.Overlapping), aggregate(t, "n", "count()"), filter(t, "n > 1"))
	if !strings.Contains(p.String(), "  - window: {session: 30m}\n") {
		t.Errorf("got:\n%s", p)
	}
	p.Steps[2] = session(1800*second, window.Touching)
	if !strings.Contains(p.String(), "  - window: {session: 30m, merge: touching}\n") {
		t.Errorf("got:\n%s", p)
	}
	for i, want := range []bool{true, true, false, false, false} {
		if p.Merges(i) != want {
			t.Errorf("Merges(%d) = %v", i, !want)
		}
	}
	plan, err := p.Plan(retail)
	if err != nil {
		t.Fatal(err)
	}
	want := `key_by     country
  |
window     session: 30m, merge: touching
           bounded: 0s, across: min; late: log, allowed: 0s
  |
aggregate  n = count()`
	if got := plan.Draw(); !strings.Contains(got, want) {
		t.Errorf("got:\n%s\nwant in it:\n%s", got, want)
	}
	for want, s := range map[string]flow.Step{
		`pipeline[0].window: gap 1s500us is not a whole number of milliseconds, in which results give a window's edges`: session(second+500, 0),
		`pipeline[0].window: window: the gap of sessions must be positive`:                                              session(0, 0),
	} {
		if _, err := pipeline(s, aggregate(t, "n", "count()")).Plan(retail); err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
