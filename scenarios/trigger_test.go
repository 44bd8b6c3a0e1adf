package scenarios

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parallax/engine/flow/trigger"
	"parallax/scenarios/source"
)

// withTrigger is the job of job_test with a trigger in front of the aggregate.
func withTrigger(text string) string {
	return strings.Replace(clicks, "  - aggregate", "  - trigger: "+text+"\n  - aggregate", 1)
}

func TestVectorTrigger(t *testing.T) {
	rule := func(n int64) trigger.Rule { return trigger.Rule{Count: n} }
	for _, c := range []struct {
		text string
		want trigger.Spec
	}{
		{"{}", trigger.Spec{}},
		{"{late: each, on_time: always, closing: if_new, panes: accumulating}", trigger.Spec{}},
		{"{early: {every: 1s}, late: never}", trigger.Spec{Early: trigger.Firings{Rule: trigger.Rule{Every: 1e6}}, LateNever: true}},
		{"{early: {count: 100, processing: 10s}, panes: discarding}", trigger.Spec{
			Early: trigger.Firings{Rule: trigger.Rule{Count: 100, Processing: 10e6}}, Panes: trigger.Discarding,
		}},
		{"{early: {after_each: [{count: 2}, {count: 1}], or_finally: {count: 7}}, closing: always}", trigger.Spec{
			Early: trigger.Firings{AfterEach: []trigger.Rule{rule(2), rule(1)}, OrFinally: rule(7)}, ClosingAlways: true,
		}},
		{"{late: {count: 3}, on_time: if_new, panes: retracting}", trigger.Spec{
			Late: trigger.Firings{Rule: rule(3)}, OnTimeIfNew: true, Panes: trigger.Retracting,
		}},
	} {
		job, err := Parse("job.yaml", []byte(withTrigger(c.text)), nil)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if diff := cmp.Diff(c.want, *job.Pipeline.Steps[3].Trigger); diff != "" {
			t.Errorf("%s: %s", c.text, diff)
		}
	}
}

// TestVectorTriggerMistakes: what is said of mistakes, and where.
func TestVectorTriggerMistakes(t *testing.T) {
	const keys = "the keys here are count, every, processing, after_each, or_finally"
	for _, c := range []struct{ text, want string }{
		{"{earli: {count: 1}}", `14:15: unknown key "earli"; the keys here are early, late, on_time, closing, panes; did you mean "early"?`},
		{"{early: {cuont: 1}}", `14:23: unknown key "cuont"; ` + keys + `; did you mean "count"?`},
		{"{early: {count: 0}}", "14:30: count must be more than 0"},
		{"{early: {every: -1s}}", "14:30: every must be more than 0"},
		{"{early: {}}", "14:22: a rule needs one of count, every, processing"},
		{"{early: {or_finally: {count: 1}}}", "14:22: a rule needs one of count, every, processing"},
		{"{early: {count: 1, after_each: [{count: 1}]}}", "14:14: after_each stands instead of count, every and processing"},
		{"{early: {after_each: [{count: 1}, {}]}}", "14:48: a rule needs one of count, every, processing"},
		{"{early: {every: 5s}}", "14:30: 5s is as long as the window (5s), which is complete by then: use less"},
		{"{late: {every: 1s}}", "14:29: a window that is over has no event time left: late takes count and processing, not every"},
		{"{late: nevr}", `14:21: "nevr" is not one of each, never; did you mean "never"?`},
		{"{panes: retract}", `14:22: "retract" is not one of accumulating, discarding, retracting; did you mean "retracting"?`},
		{"each", "14:14: a value stands where a mapping with early, late, on_time, closing, panes was expected"},
	} {
		_, err := Parse("job.yaml", []byte(withTrigger(c.text)), nil)
		var bad *Error
		if !errors.As(err, &bad) || strings.TrimPrefix(err.Error(), "job.yaml:") != c.want {
			t.Errorf("%s:\n%v\nwant\n%s", c.text, err, c.want)
		}
	}
	for _, c := range []struct{ from, to, want string }{
		{"tumble: 5s", "session: 5s", "14:14: sessions take no trigger"},
		{"  - window: {tumble: 5s}\n", "", "13:5: a trigger needs a window before it, whose panes it says"},
	} {
		_, err := Parse("job.yaml", []byte(strings.Replace(withTrigger("{}"), c.from, c.to, 1)), nil)
		if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), "job.yaml:"), c.want) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
}

// drawTriggerText draws a trigger for windows of 5 ms or longer.
func drawTriggerText(t *rapid.T) string {
	pick := func(label string, values ...string) string { return rapid.SampledFrom(values).Draw(t, label) }
	rules := []string{"count: 1", "count: 3", "processing: 4ms", "count: 2, processing: 9ms"}
	early := append([]string{"every: 1ms", "every: 2ms, count: 2"}, rules...)
	firings := func(label string, rules []string) string {
		s := pick(label, rules...)
		if rapid.IntRange(0, 3).Draw(t, "each") == 0 {
			s = "after_each: [{" + s + "}, {" + pick(label, rules...) + "}]"
		}
		if rapid.IntRange(0, 3).Draw(t, "finally") == 0 {
			s += ", or_finally: {" + pick(label, rules...) + "}"
		}
		return "{" + s + "}"
	}
	var parts []string
	if rapid.IntRange(0, 3).Draw(t, "early") > 0 {
		parts = append(parts, "early: "+firings("early", early))
	}
	switch rapid.IntRange(0, 3).Draw(t, "late") {
	case 0:
		parts = append(parts, "late: never")
	case 1:
		parts = append(parts, "late: "+firings("late", rules))
	}
	for _, s := range []string{pick("on time", "", "on_time: if_new"), pick("closing", "", "closing: always"), pick("panes", "", "panes: discarding", "panes: retracting")} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// TestLawTriggerText: the canonical text of a pipeline is a job's, and means the same.
func TestLawTriggerText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		job, err := Parse("job.yaml", []byte(withTrigger(drawTriggerText(t))), nil)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(clicks, "watermark:")
		again, err := Parse("job.yaml", []byte(head+job.Pipeline.String()), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, &job.Pipeline)
		}
		if diff := cmp.Diff(job.Pipeline.Steps[3].Trigger, again.Pipeline.Steps[3].Trigger); diff != "" {
			t.Fatalf("%s\n%s", &job.Pipeline, diff)
		}
	})
}

// TestDifferentialPanePaths: whatever the job, its trigger and the rows, the engine
// and the oracle give the same answer and the same list of panes; and the answer is
// the one without a trigger.
func TestDifferentialPanePaths(t *testing.T) {
	dir := t.TempDir()
	listed := 0
	rapid.Check(t, func(rt *rapid.T) {
		rows, text := drawRows(rt), drawJob(rt)
		if strings.Contains(text, "tumble:") == strings.Contains(text, "hop:") { // others take no trigger
			return
		}
		batch := rapid.SampledFrom([]int{0, 1, 2, 7}).Draw(rt, "batch")
		spec := "  - trigger: " + drawTriggerText(rt) + "\n"
		if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows), 0o600); err != nil {
			rt.Fatal(err)
		}
		with := strings.Replace(text, "  - aggregate", spec+"  - aggregate", 1)
		var got [3]string
		for i, c := range []struct {
			text string
			o    Options
		}{{with, Options{batchRows: batch, Panes: true}}, {with, Options{Path: Oracle, Panes: true}}, {text, Options{}}} {
			job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(c.text), nil)
			if err != nil {
				rt.Fatalf("%v\n%s", err, c.text)
			}
			r, err := Run(job, c.o)
			if err != nil {
				return // a row that cannot be computed: TestDifferentialPaths
			}
			got[i] = answerBytes(t, r)
			if r.Panes != nil {
				listed += r.Panes.Rows
				var b bytes.Buffer
				if err := r.Panes.Write(&b, source.JSONL); err != nil {
					rt.Fatal(err)
				}
				got[i] += "--\n" + b.String()
			}
		}
		if got[0] != got[1] || !strings.HasPrefix(got[0], got[2]) {
			rt.Fatalf("kappa:\n%s\noracle:\n%s\nwithout a trigger:\n%s\n%s\n%s", got[0], got[1], got[2], with, rows)
		}
	})
	if listed == 0 {
		t.Error("no panes were listed")
	}
	t.Logf("%d panes", listed)
}

// TestVectorPanesOfSessions: they have no numbers, and that is said.
func TestVectorPanesOfSessions(t *testing.T) {
	job, err := Parse("job.yaml", []byte(strings.Replace(clicks, "tumble: 5s", "session: 5s", 1)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = Run(job, Options{Panes: true}); err == nil || !strings.HasPrefix(err.Error(), "job.yaml:13:13: the panes of sessions have no numbers") {
		t.Errorf("%v", err)
	}
}

// TestVectorTriggerCluster: a run as a cluster refuses them, at their place.
func TestVectorTriggerCluster(t *testing.T) {
	for _, text := range []string{"{}", "{early: {count: 2}}"} {
		job, err := Parse("job.yaml", []byte(withTrigger(text)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := RunCluster(job, ClusterOptions{Seed: 2}); err == nil || !strings.HasPrefix(err.Error(), "job.yaml:14:14: a run with faults") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
