package flow_test

import (
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// TestVectorChain: windows over results are planned as stages, drawn, printed and
// merged up to the first of them.
func TestVectorChain(t *testing.T) {
	day := window.Tumble(24*3600*second, 0)
	p := pipeline(filter(t, "quantity > 0"), keyBy("country"), session(1800*second, window.Overlapping), aggregate(t, "n", "count()"),
		filter(t, "n > 1"), project(t, "k", "country", "ms", "window_end_ms - window_start_ms"), keyBy("k"), flow.Step{Window: &day},
		aggregate(t, "visits", "count()", "longest", "max(ms)"), filter(t, "visits > 1"))
	plan, err := p.Plan(retail)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.After) != 1 || plan.Last() != &plan.After[0] || len(plan.Rows) != 1 || len(plan.After[0].Rows) != 2 || len(plan.Having) != 1 {
		t.Fatalf("%d stages after the first, %d steps before it, %d behind all", len(plan.After), len(plan.Rows), len(plan.Having))
	}
	if got := plan.Result.Names(); strings.Join(got, " ") != "k window_start_ms window_end_ms visits longest" {
		t.Errorf("the results have %v", got)
	}
	want := `window     tumble: 1d
           over results, each a row at the end of its window less 1us; on time if its pane was
  |
aggregate  visits = count()
           longest = max(ms)`
	if got := plan.Draw(); !strings.Contains(got, want) {
		t.Errorf("got:\n%s\nwant in it:\n%s", got, want)
	}
	if !strings.Contains(p.String(), "  - key_by: [k]\n  - window: {tumble: 1d}\n") {
		t.Errorf("got:\n%s", p)
	}
	for i := range p.Steps {
		if p.Merges(i) != (i < 2) {
			t.Errorf("Merges(%d) = %v", i, p.Merges(i))
		}
	}
}

// TestVectorChainErrors: what of windows over results cannot be planned, and where.
func TestVectorChainErrors(t *testing.T) {
	hour := window.Tumble(3600*second, 0)
	w, rows := flow.Step{Window: &hour}, aggregate(t, "rows", "count()")
	for want, p := range map[string]*flow.Pipeline{
		`pipeline[2]: key_by needs an aggregate behind it, with a window before that`:                                             pipeline(w, rows, keyBy("rows")),
		`pipeline[3]: window needs an aggregate behind it, with a window before that`:                                             pipeline(w, rows, keyBy("rows"), w),
		`pipeline[3]: filter cannot stand between key_by and aggregate: move it before key_by`:                                    pipeline(w, rows, keyBy("rows"), filter(t, "rows > 1"), w, rows),
		`pipeline[2].key_by[0]: unknown column "country"`:                                                                         pipeline(w, rows, keyBy("country"), w, rows),
		`pipeline[2].key_by[0]: the name "window_end_ms" belongs to a window's edge: give the column another one by a projection`: pipeline(w, rows, keyBy("window_end_ms"), w, rows),
	} {
		if _, err := p.Plan(retail); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
