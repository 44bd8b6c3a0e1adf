package operator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine/flow"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/waiting"
)

// TestDifferentialOpenPanes: which windows are open, and with how many rows of which
// keys, does not depend on a trigger.
func TestDifferentialOpenPanes(t *testing.T) {
	seen := 0
	for seed := range uint64(300) {
		s := newStory(seed, flow.Log)
		var got [2][]waiting.Window
		for i, spec := range []*trigger.Spec{nil, {Early: trigger.Firings{Rule: trigger.Rule{Count: 2}}, LateNever: seed%2 == 0}} {
			s.trigger = spec
			plan, state := saved(t, s)
			path := NewPath(plan, len(s.logs))
			if _, err := path.Load(state); err != nil {
				t.Fatal(err)
			}
			var p Pane
			for path.Next(&p) {
			}
			got[i] = path.Waiting().Open
		}
		seen += len(got[0])
		if diff := cmp.Diff(got[0], got[1]); diff != "" {
			t.Fatalf("%v\n- without, + with a trigger:\n%s", s, diff)
		}
	}
	if seen == 0 {
		t.Error("no window is open")
	}
}
