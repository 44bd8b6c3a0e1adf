package scenarios

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A scenario that was printed and read runs as the one that was drawn; a run with its
// own faults as a list is that run.
func TestDifferentialPlay(t *testing.T) {
	for seed := uint64(2); seed <= 5; seed++ {
		s := Drawn(seed)
		first := mustPlay(t, s)
		again, err := ParseScenario("x", []byte(s.String()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if second := mustPlay(t, again); second.Hash != first.Hash {
			t.Errorf("seed %d: %016x, behind a file %016x", seed, first.Hash, second.Hash)
		}
		frozen := Drawn(seed)
		frozen.Story.World.Frozen = first.Fired
		if third := mustPlay(t, frozen); third.Hash != first.Hash || !slices.Equal(third.Checks, first.Checks) {
			t.Errorf("seed %d: %016x, frozen %016x", seed, first.Hash, third.Hash)
		}
	}
}

func mustPlay(t *testing.T, s *Scenario) *Outcome {
	t.Helper()
	out, err := Play(s, PlayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// parsed is a scenario from its text.
func parsed(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := ParseScenario("x.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Two of three brokers lose what they had promised.
const (
	rotten = `faults:
  list:
    - {fault: bit-rot, at: 1.5s, node: broker-0}
    - {fault: bit-rot, at: 1.5s, node: broker-1}
    - {fault: crash, at: 1.6s, node: broker-0, lasts: 100ms}
    - {fault: crash, at: 1.6s, node: broker-1, lasts: 100ms}
`
	destroyed = "partition 0: its replicas on broker-0, broker-1; records 0 to 0 were acknowledged, and no quorum is left that can serve them"
)

// What a run comes to, against what its scenario expects.
func TestVectorPlay(t *testing.T) {
	for _, c := range []struct {
		text    string
		verdict string
		missed  string // "" for none
	}{
		{"", Pass, ""},
		{"expect: {view: [{key: k, start: 0s, rows: 1}, {key: k, start: -10s, end: 0s, rows: 1}]}", Pass, ""},
		{"expect: {view: [{rows: 1}, {rows: 1}]}", Pass, ""},
		{"expect: {view: [{rows: 1}, {rows: 2}]}", Pass, "the view at the end: there is no row {rows: 2}; it has {key: k, start: -10s, rows: 1}, {key: k, start: 0s, rows: 1}"},
		{"expect: {view: [{rows: 1}]}", Pass, "the view at the end: the row {key: k, start: 0s, rows: 1} is not expected"},
		{"expect: {at: [{at: 900ms, view: []}, {at: 5s, view: [{rows: 1}, {rows: 1}]}]}", Pass, ""},
		{"expect: {at: [{at: 900ms, view: [{rows: 1}]}]}", Pass, "the view at 900ms: there is no row {rows: 1}; it has no rows"},
		{"watermark: {bounded: 1s}\nexpect: {dropped: [b]}", Pass, ""},
		{"watermark: {bounded: 1s}\nexpect: {dropped: [a]}", Pass, "row a was not dropped; dropped, and not expected to be: b"},
		{"expect: {verdict: violated}", Pass, "the verdict is pass, expected is violated"},
		{"faults: {list: [{fault: crash, node: worker, at: 1500ms, lasts: 300ms}]}", Pass, ""},
		{"faults: {list: [{fault: crash, node: worker, at: 1500ms, lasts: 300ms}, {fault: crash, node: worker, at: 1600ms, lasts: 1s}]}", Inconclusive, "the verdict is inconclusive, expected is pass"},
		{"faults: {rates: [{fault: drop, ppm: 1}]}", Inconclusive, "the verdict is inconclusive, expected is pass"},
		{"faults: {rates: [{fault: drop, ppm: 100000}]}", Pass, ""},
		{"faults: {rates: [{fault: drop, ppm: 100000}, {fault: lost-removes, ppm: 1, sure: true}]}", Inconclusive, "the verdict is inconclusive, expected is pass"},
		{"expect: {probes: [kappa.restore]}", Inconclusive, "the verdict is inconclusive, expected is pass"},
		{"expect: {verdict: inconclusive, probes: [kappa.restore]}", Inconclusive, ""},
		{"watermark: {bounded: 1s}\nexpect: {dropped: [b], probes: [operator.dropped]}", Pass, ""},
		{rotten, Pass, "excused from catching up, and not expected to be: " + destroyed},
		{rotten + "expect: {excused: [partition 0]}", Pass, ""},
		{rotten + "expect: {excused: [view]}", Pass, "excused from catching up, and not expected to be: " + destroyed + "; the run is not excused by the data of view"},
		{rotten + "  unrestricted: true", Pass, ""},
		{rotten + "  unrestricted: true\nexpect: {view: [{rows: 7}]}", Pass, ""}, // which supposes that everything caught up
		{"expect: {excused: [worker]}", Pass, "the run is not excused by the data of worker"},
		// A wrong answer is shown, also by a run that shows nothing else.
		{"expect: {probes: [kappa.restore], view: [{rows: 1}]}", Pass, "the view at the end: the row {key: k, start: 0s, rows: 1} is not expected"},
		{"defect: skip-span\nexpect: {verdict: violated, property: answer-exact}", Pass, "the verdict is pass, expected is violated"},
	} {
		text := storm
		if strings.Contains(c.text, "dropped") {
			text = strings.Replace(text, "at: 2s, key", "id: b, at: 2s, ts: -20s, key", 1)
		}
		out := mustPlay(t, parsed(t, text+c.text+"\n"))
		if missed := strings.Join(out.Missed, "; "); out.Verdict != c.verdict || missed != c.missed {
			t.Errorf("%s: %s, %v, missed %q", c.text, out.Verdict, out.Why, missed)
		}
	}
}

// Tracing, watching and looking do not change a run, and a trace says the same every
// time.
func TestDeterminismTraces(t *testing.T) {
	s := Drawn(4)
	bare := mustPlay(t, s)
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		out, err := Play(s, PlayOptions{Trace: w, View: true})
		if err != nil || out.Hash != bare.Hash {
			t.Fatalf("%v, %016x, alone %016x", err, out.Hash, bare.Hash)
		}
	}
	if first.String() != second.String() {
		t.Error("another trace")
	}
	for _, what := range []string{`"op":"start","node":"broker-0"`, `"message":"produce"`, `"from":"worker"`, `"op":"persist"`, fmt.Sprintf(`"event":%d,`, bare.Event)} {
		if !strings.Contains(first.String(), what) {
			t.Errorf("no %s in the trace", what)
		}
	}
}
