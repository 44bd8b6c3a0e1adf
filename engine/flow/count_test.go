package flow_test

import (
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/window"
)

func count(rows int64) flow.Step {
	w := window.Count(rows)
	return flow.Step{Window: &w}
}

// TestVectorCount: how count windows are printed, the columns that name them, what is
// refused, and that nothing of them merges across a cut.
func TestVectorCount(t *testing.T) {
	p := pipeline(keyBy("country"), count(100), aggregate(t, "n", "count()"))
	if !strings.Contains(p.String(), "  - window: {count: 100}\n") || p.Merges(1) || p.Merges(2) || !p.Merges(0) {
		t.Errorf("got:\n%s", p)
	}
	plan, err := p.Plan(retail)
	if err != nil || strings.Join(plan.Result.Names(), " ") != "country window_start_row window_end_row n" {
		t.Errorf("%v, %v", plan, err)
	}
	late := pipeline(count(2), aggregate(t, "n", "count()"))
	late.Late.Allowed = 1
	fires := flow.Step{Trigger: &trigger.Spec{Early: trigger.Firings{Rule: trigger.Rule{Count: 100}}}}
	for want, p := range map[string]*flow.Pipeline{
		"pipeline[0].window: window: count windows hold a positive number of rows, and nothing else is to be said of them": pipeline(
			count(0), aggregate(t, "n", "count()")),
		"late.allowed: a late row would change every count window of its key from its place on: leave allowed out, and give the " +
			"watermark a greater bound to wait for late rows": late,
		"pipeline[1].trigger: count windows take no trigger: leave it out, or use tumble or hop": pipeline(
			count(2), fires, aggregate(t, "n", "count()")),
		"pipeline[0].window: count windows have no windows over or under them: tumbling and hopping windows and sessions do": pipeline(
			count(2), aggregate(t, "n", "count()"), slide(second, second), aggregate(t, "m", "count()")),
		`pipeline[2].aggregate.window_end_row: the name "window_end_row" is taken`: pipeline(
			keyBy("country"), count(2), aggregate(t, "window_end_row", "count()")),
	} {
		if _, err := p.Plan(retail); err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	named := pipeline(
		flow.Step{Project: []flow.Projection{{Name: "window_start_row", Expr: parse(t, "country")}}},
		keyBy("window_start_row"), count(2), aggregate(t, "n", "count()"))
	want := `pipeline[2].window: the name "window_start_row" belongs to a window's edge: give the key another one by a projection`
	if _, err := named.Plan(retail); err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}
