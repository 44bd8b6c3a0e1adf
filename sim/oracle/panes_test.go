package oracle

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parallax/engine/flow"
	engine "parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/window"
)

// drawRule draws limits, at least one.
func drawRule(t *rapid.T, size int64) trigger.Rule {
	var r trigger.Rule
	for r == (trigger.Rule{}) {
		if rapid.Bool().Draw(t, "by count") {
			r.Count = rapid.Int64Range(1, 4).Draw(t, "count")
		}
		if size > 1 && rapid.Bool().Draw(t, "by event time") {
			r.Every = min(size-1, rapid.SampledFrom([]int64{1, 300, 1000, 2500}).Draw(t, "every"))
		}
		if rapid.Bool().Draw(t, "by processing time") {
			r.Processing = rapid.SampledFrom([]int64{1, 700, 2000, 9000}).Draw(t, "processing")
		}
	}
	return r
}

// drawFirings draws those of a phase; of one without event time, size is 0.
func drawFirings(t *rapid.T, size int64) trigger.Firings {
	var f trigger.Firings
	switch rapid.IntRange(0, 3).Draw(t, "firings") {
	case 0:
		return f
	case 1:
		for range rapid.IntRange(1, 3).Draw(t, "each") {
			f.AfterEach = append(f.AfterEach, drawRule(t, size))
		}
	default:
		f.Rule = drawRule(t, size)
	}
	if rapid.IntRange(0, 2).Draw(t, "finally") == 0 {
		f.OrFinally = drawRule(t, size)
	}
	return f
}

func drawTrigger(t *rapid.T, size int64) *trigger.Spec {
	s := &trigger.Spec{
		Early: drawFirings(t, size), Late: drawFirings(t, 0), Panes: trigger.Mode(rapid.IntRange(0, 2).Draw(t, "mode")),
		OnTimeIfNew: rapid.Bool().Draw(t, "if new"), ClosingAlways: rapid.Bool().Draw(t, "closing"),
	}
	if rapid.IntRange(0, 3).Draw(t, "never") == 0 {
		s.Late, s.LateNever = trigger.Firings{}, true
	}
	return s
}

// triggered draws the same trial with a trigger for the same seed, always.
var triggered = rapid.Custom(func(t *rapid.T) runner {
	tr := drawTrialOf(t, false)
	steps := tr.pipeline.Steps
	for at, windows := 0, 0; at < len(steps); at++ {
		if steps[at].Window == nil {
			continue
		}
		if windows++; windows == 2 { // over results: they take no trigger
			last := slices.IndexFunc(steps, func(s flow.Step) bool { return s.Aggregates != nil })
			steps = steps[:last+1]
		}
	}
	tr.pipeline.Steps = steps
	at := slices.IndexFunc(steps, func(s flow.Step) bool { return s.Window != nil })
	w := steps[at].Window
	if w.Kind != window.Tumbling && w.Kind != window.Hopping {
		*w = window.Hop(6000, 4000, 1000)
	}
	spec := drawTrigger(t, w.Size)
	tr.pipeline.Steps = slices.Insert(slices.Clone(steps), at+1, flow.Step{Trigger: spec})
	tr.src += fmt.Sprintf("\n  trigger %+v over %+v", *spec, *w)
	tr.input.Panes = true
	return runner{trial: tr, feed: drawFeed(t)}
})

// paneLog is the panes of the operators by (key, window), and the view that follows
// from them.
type paneLog struct {
	panes map[string][]string
	view  *engine.Table
	plan  *flow.Plan
	rows  map[string]uint32
}

func (r *runner) trigger() *trigger.Spec {
	for _, s := range r.trial.pipeline.Steps {
		if s.Trigger != nil {
			return s.Trigger
		}
	}
	return nil
}

func paneText(record trigger.Record, retraction bool, values []column.Value) string {
	return fmt.Sprintf("%+v %t %s", record, retraction, text(values))
}

// take applies a pane of a trigger to the view by its mode.
func (l *paneLog) take(r *runner, pane *operator.Pane) {
	if l.view == nil {
		plan, err := r.trial.pipeline.Plan(r.trial.input.Schema)
		if err != nil {
			r.fatal("plan: %v", err)
		}
		l.plan, l.view, l.panes, l.rows = plan, engine.NewTable(plan.Functions()), map[string][]string{}, map[string]uint32{}
	}
	for i, key := range pane.Keys {
		id := r.id(pane, i, key)
		values := make([]column.Value, len(l.plan.Aggregates))
		for c := range values {
			values[c] = pane.Table.Finish(pane.Groups[i], c)
		}
		back := pane.Kind == operator.Retraction
		l.panes[id] = append(l.panes[id], paneText(pane.Records[i], back, values))
		group, ok := l.rows[id]
		if !ok {
			group = uint32(len(l.rows))
			l.rows[id] = group
			l.view.Grow(len(l.rows))
		}
		if mode := r.trigger().Panes; mode == trigger.Accumulating || back {
			l.view.Clear(group)
		}
		if !back {
			l.view.Merge(group, pane.Table, pane.Groups[i])
		}
	}
}

// final is the view.
func (l *paneLog) final() map[string]string {
	out := map[string]string{}
	for id, group := range l.rows {
		values := make([]column.Value, len(l.plan.Aggregates))
		for c := range values {
			values[c] = l.view.Finish(group, c)
		}
		out[id] = text(values)
	}
	return out
}

// differPanes runs a trial with a trigger both ways.
func differPanes(t fatal, r runner) string {
	r.t = t
	answer, err := Answer(r.trial.pipeline, r.trial.input)
	if err != nil || eager(r.trial) {
		return "" // a row cannot be computed
	}
	want := map[string][]string{}
	for i := range answer.Panes {
		p := &answer.Panes[i]
		id := text(p.Key) + fmt.Sprint("@", p.Start, "-", p.End)
		want[id] = append(want[id], paneText(p.Record, p.Retraction, p.Values))
	}
	expect, err := expected(r.trial.pipeline, r.trial.input)
	if err != nil {
		t.Fatalf("oracle: %v", err)
	}
	r.log = &paneLog{panes: map[string][]string{}}
	got := r.run()
	if diff := cmp.Diff(want, r.log.panes); diff != "" {
		return diff
	}
	if diff := cmp.Diff(expect.Final, r.log.final()); diff != "" {
		return "final: " + diff
	}
	return cmp.Diff([2][]string{expect.Counts, expect.Drops}, [2][]string{got.Counts, got.Drops})
}

func panesCaughtBy(r runner) (report string) {
	defer func() {
		if c, ok := recover().(caught); ok {
			report = string(c)
		}
	}()
	return differPanes(catcher{}, r)
}

// TestDifferentialPanes: for drawn triggers, the operators and the oracle agree on
// every pane, its values and its record, however the log is cut into batches, saved and
// loaded; and what the panes add up to is the final value without a trigger.
func TestDifferentialPanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := triggered.Draw(t, "trial")
		if diff := differPanes(t, r); diff != "" {
			t.Fatalf("%s\n- oracle, + operators:\n%s", r.trial.src, diff)
		}
	})
}

// TestDifferentialPanesSeeds is TestDifferentialPanes over trials that do not depend
// on how the test is called, and that are not dull.
func TestDifferentialPanesSeeds(t *testing.T) {
	from, to := seeds(t)
	timings := map[trigger.Timing]int{}
	for seed := from; seed <= to; seed++ {
		r := triggered.Example(seed)
		if report := panesCaughtBy(r); report != "" {
			t.Fatalf("PARALLAX_SOAK=1 PARALLAX_SEEDS=%d..%d go test -run TestDifferentialPanesSeeds ./sim/oracle\n%s\n- oracle, + operators:\n%s",
				seed, seed, r.trial.src, report)
		}
		if answer, err := Answer(r.trial.pipeline, r.trial.input); err == nil {
			for i := range answer.Panes {
				timings[answer.Panes[i].Timing]++
			}
		}
	}
	if n := to - from + 1; timings[trigger.Early] < n || timings[trigger.OnTime] < n || timings[trigger.Late] < n {
		t.Errorf("%d trials have panes %v", n, timings)
	}
	t.Logf("%v", timings)
}

// paneDefects are mistakes in what the operators are told about panes.
var paneDefects = []struct {
	name   string
	tamper func(s *trigger.Spec)
}{
	{"a row too many for an early pane", func(s *trigger.Spec) { s.Early.Rule.Count = plusOne(s.Early.Rule.Count) }},
	{"a row too many for a late pane", func(s *trigger.Spec) { s.Late.Rule.Count = plusOne(s.Late.Rule.Count) }},
	{"boundaries a microsecond late", func(s *trigger.Spec) { s.Early.Rule.Every = plusOne(s.Early.Rule.Every) }},
	{"the clock a microsecond late", func(s *trigger.Spec) { s.Early.Rule.Processing = plusOne(s.Early.Rule.Processing) }},
	{"what ends the panes is not counted", func(s *trigger.Spec) { s.Early.OrFinally = trigger.Rule{} }},
	{"after each begins anew", func(s *trigger.Spec) {
		if len(s.Early.AfterEach) > 0 {
			s.Early.Rule, s.Early.AfterEach = s.Early.AfterEach[0], nil
		}
	}},
	{"an empty pane on time is left out, or not", func(s *trigger.Spec) { s.OnTimeIfNew = !s.OnTimeIfNew }},
	{"an empty closing pane is left out, or not", func(s *trigger.Spec) { s.ClosingAlways = !s.ClosingAlways }},
	{"late rows are not kept for the closing pane", func(s *trigger.Spec) { s.LateNever = false }},
	{"nothing is taken back", func(s *trigger.Spec) {
		if s.Panes == trigger.Retracting {
			s.Panes = trigger.Accumulating
		}
	}},
	{"shown rows are kept", func(s *trigger.Spec) {
		if s.Panes == trigger.Discarding {
			s.Panes = trigger.Accumulating
		}
	}},
}

// plusOne leaves a limit that is not there alone.
func plusOne(limit int64) int64 {
	if limit > 0 {
		limit++
	}
	return limit
}

// TestPlantedPaneDefects: every defect shows within so many trials from fixed seeds.
func TestPlantedPaneDefects(t *testing.T) {
	for _, d := range paneDefects {
		t.Run(d.name, func(t *testing.T) {
			for seed := range 400 {
				r := triggered.Example(seed)
				r.tamper = func(p *flow.Pipeline) *flow.Pipeline {
					q := *p
					q.Steps = slices.Clone(p.Steps)
					for i := range q.Steps {
						if q.Steps[i].Trigger != nil {
							s := *q.Steps[i].Trigger
							d.tamper(&s)
							if s.EveryMax() == q.Steps[i-1].Window.Size { // as long as the window, which is refused
								return p
							}
							q.Steps[i].Trigger = &s
						}
					}
					return &q
				}
				if panesCaughtBy(r) != "" {
					t.Logf("caught by trial %d", seed)
					return
				}
			}
			t.Error("not caught")
		})
	}
}

// paneWords answers a log of one key under a trigger and prints its panes as
// timing:count@end-1.
func paneWords(t *testing.T, p *flow.Pipeline, spec *trigger.Spec, in Input) string {
	t.Helper()
	q := *p
	q.Steps = slices.Insert(slices.Clone(p.Steps), len(p.Steps)-1, flow.Step{Trigger: spec})
	in.Panes = true
	r, err := Answer(&q, in)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for i := range r.Panes {
		words = append(words, fmt.Sprintf("%s:%d@%d", r.Panes[i].Timing, r.Panes[i].Values[0].Int, r.Panes[i].End-1))
	}
	f := feed{lengths: []int{3}, drains: []bool{true}, saves: []bool{true}, segments: []bool{false}}
	if diff := differPanes(t, runner{trial: trial{pipeline: &q, input: in}, feed: f}); diff != "" {
		t.Errorf("- oracle, + operators:\n%s", diff)
	}
	return strings.Join(words, " ")
}

// TestVectorS13S35S50Panes: what Flink and Beam say of panes, from scratch.
func TestVectorS13S35S50Panes(t *testing.T) {
	one := trigger.Rule{Count: 1}
	discarding := func(s trigger.Spec) *trigger.Spec {
		s.Panes = trigger.Discarding
		return &s
	}
	for _, c := range []struct {
		name     string
		pipeline *flow.Pipeline
		spec     *trigger.Spec
		in       Input
		want     string
	}{
		{
			"S13, purging", marked(counting(window.Tumble(2000, 0), 0, 500)), discarding(trigger.Spec{}),
			log(1, click("a", 500), mark(1500), click("a", 1300), mark(2300), click("a", 1997), mark(6000), click("a", 1998)),
			"on-time:2@1999 late:1@1999",
		},
		{
			"S35", marked(counting(window.Tumble(10_000, 0), 0, 100_000)), discarding(trigger.Spec{
				Early: trigger.Firings{AfterEach: []trigger.Rule{one, one}}, Late: trigger.Firings{AfterEach: []trigger.Rule{one}},
			}),
			log(1, click("a", 1), click("a", 1), click("a", 1), mark(15_000), click("a", 1), click("a", 1), mark(109_999)),
			"early:1@9999 early:1@9999 on-time:1@9999 late:1@9999 late:1@9999",
		},
		{
			"S50", marked(counting(window.Tumble(1000, 0), 0, 5000)),
			discarding(trigger.Spec{Early: trigger.Firings{Rule: trigger.Rule{Count: 2}}, LateNever: true}),
			log(1, click("a", 100), click("a", 200), click("a", 500), mark(999), click("a", 750), click("a", 250)),
			"early:2@999 on-time:1@999 late:2@999",
		},
	} {
		if got := paneWords(t, c.pipeline, c.spec, c.in); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
