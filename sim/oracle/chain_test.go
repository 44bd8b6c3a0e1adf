package oracle

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
)

// drawChain draws windows over the results of a drawn pipeline, once or twice.
func drawChain(t *rapid.T) trial {
	tr := drawTrialOf(t, false)
	for n := range rapid.SampledFrom([]int{1, 1, 1, 2}).Draw(t, "stages") {
		plan, err := tr.pipeline.Plan(sales)
		if err != nil {
			t.Fatalf("%s: %v", tr.src, err)
		}
		drawOver(t, &tr, plan.Result, n+1)
	}
	return tr
}

// drawOver appends a stage whose rows have these columns.
func drawOver(t *rapid.T, tr *trial, columns column.Schema, n int) {
	add := func(s flow.Step, text string) {
		tr.pipeline.Steps = append(tr.pipeline.Steps, s)
		tr.src += "\n  " + text
	}
	for _, s := range tr.pipeline.Steps {
		if s.Window != nil && s.Window.Every == 0 { // over those of a calendar there are none
			*s.Window = drawWindow(t)
			tr.src += fmt.Sprintf("\n  of which the window is %+v", *s.Window)
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "filter") == 0 {
		f := rapid.SampledFrom(columns).Draw(t, "filtered").Name
		add(flow.Step{Filter: parse(f + " is not null")}, "filter "+f+" is not null")
	}
	var keys []string
	for _, f := range columns {
		if !strings.HasPrefix(f.Name, "window_") {
			keys = append(keys, f.Name)
		}
	}
	if key := rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 1, rapid.ID).Draw(t, "keys"); len(key) > 0 {
		add(flow.Step{KeyBy: key}, "key by "+strings.Join(key, ", "))
	}
	w := drawWindow(t)
	add(flow.Step{Window: &w}, fmt.Sprintf("window %+v", w))
	retracting := rapid.Bool().Draw(t, "retracting")
	var calls []string
	for i := range rapid.IntRange(1, 3).Draw(t, "aggregates") {
		calls = append(calls, fmt.Sprintf("a%d%d: %s", n, i, drawOverCall(t, columns, retracting)))
	}
	add(aggregates(calls...), strings.Join(calls, "\n  "))
}

// drawOverCall draws a call over columns, of a function that can retract or of any.
func drawOverCall(t *rapid.T, columns column.Schema, retracting bool) string {
	f := rapid.SampledFrom(columns).Draw(t, "argument")
	calls := []string{"count()", "count(%s)"}
	if f.Type.Numeric() {
		calls = append(calls, "sum(%s)", "sum(%s)", "mean(%s)", "variance(%s)", "stddev_pop(%s)")
	}
	if !retracting {
		calls = append(calls, "min(%s)", "max(%s)", "first(%s)", "last(%s)", "distinct(%s)", "hll(%s, 4)", "topk(%s, 2)")
	}
	call := rapid.SampledFrom(calls).Draw(t, "call")
	if strings.Contains(call, "%s") {
		call = fmt.Sprintf(call, f.Name)
	}
	return call
}

var chains = rapid.Custom(func(t *rapid.T) runner { return runner{trial: drawChain(t), feed: drawFeed(t)} })

// TestDifferentialChains is TestDifferentialOperators for windows over results.
func TestDifferentialChains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawChain(t)
		if diff := differ(t, runner{trial: tr, feed: drawFeed(t)}); diff != "" {
			t.Fatalf("%s\n- oracle, + operators:\n%s", tr.src, diff)
		}
	})
}

// TestDifferentialChainSeeds is the same over trials that do not depend on how the
// test is called.
func TestDifferentialChainSeeds(t *testing.T) {
	from, to := seeds(t)
	for seed := from; seed <= to; seed++ {
		r := chains.Example(seed)
		if report := caughtBy(r); report != "" {
			t.Fatalf("PARALLAX_SOAK=1 PARALLAX_SEEDS=%d..%d go test -run TestDifferentialChainSeeds ./sim/oracle\n%s\n- oracle, + operators:\n%s",
				seed, seed, r.trial.src, report)
		}
	}
}
