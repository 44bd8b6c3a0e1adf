package fuzz

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parallax/scenarios"
	"parallax/sim/fault"
	"parallax/sim/shrink"
)

// What is left of a failure is small, fails in the same way, also behind a file, and is
// the same every time.
func TestLawShrink(t *testing.T) {
	for _, defect := range []string{"no-dedup", "lose-state", "skip-span", "eager-ack"} {
		f := first(t, defect)
		var texts []string
		for range 2 {
			small, err := Shrink(f.Scenario, f.Outcome, ShrinkOptions{Budget: shrink.Budget{RunsMax: 600}})
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, small.Scenario.String())
			if rows, faults := len(small.Scenario.Story.Rows), len(small.Outcome.Fired); rows > rowsGoal || faults > faultsGoal {
				t.Errorf("%s: %d rows and %d faults are left behind %d runs", defect, rows, faults, small.Runs)
			}
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: shrunk twice, it is\n%s\nand\n%s", defect, texts[0], texts[1])
		}
		s, err := scenarios.ParseScenario("x.yaml", []byte(texts[0]), nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := scenarios.Play(s, scenarios.PlayOptions{})
		if err != nil || out.Property != f.Outcome.Property || len(out.Missed) > 0 {
			t.Errorf("%s: behind a file it violates %s, %v", defect, out.Property, err)
		}
		if !strings.Contains(texts[0], traceText(out)) {
			t.Errorf("%s: the file remembers another trace than %s", defect, traceText(out))
		}
	}
}

// Without any row a scenario with its faults as a list has all other faults where they
// were: what strikes is on the list.
func TestLawRowsMoveNoFault(t *testing.T) {
	for seed := uint64(1); seed <= 4; seed++ {
		s := scenarios.Drawn(seed)
		out, err := scenarios.Play(s, scenarios.PlayOptions{Quick: true})
		if err != nil {
			t.Fatal(err)
		}
		listed := map[fault.ID]bool{}
		for i := range out.Fired {
			listed[out.Fired[i].ID()] = true
		}
		for row := 0; row < len(s.Story.Rows); row += 23 {
			less := clone(s)
			less.Story.World.Frozen = slices.Clone(out.Fired)
			less.Story.Rows = slices.Delete(less.Story.Rows, row, row+1)
			again, err := scenarios.Play(less, scenarios.PlayOptions{Quick: true})
			if err != nil {
				t.Fatal(err)
			}
			for i := range again.Fired {
				if !listed[again.Fired[i].ID()] {
					t.Errorf("seed %d without row %d: %s is new", seed, row, again.Fired[i])
				}
			}
			if len(again.Fired) == 0 && len(out.Fired) > 0 {
				t.Errorf("seed %d without row %d: nothing strikes", seed, row)
			}
		}
	}
}

// knotted is a mistake that takes the death of a node at the right moment, found among
// deaths that have nothing to do with it.
const knotted = `parallax: scenario/v1
name: knotted
source:
  columns: {value: int64}
  rows:
    - {at: 1500ms, value: 1}
    - {at: 2s, value: 2}
    - {at: 4s, value: 4}
    - {at: 4200ms, value: 8}
pipeline:
  - window: {tumble: 1s}
  - aggregate: {sum: sum(value)}
cluster: {checkpoint_bytes: 1}
faults:
  list:
    - {fault: crash, at: 1s, node: producer, lasts: 200ms}
    - {fault: crash, at: 1100ms, node: view, lasts: 100ms}
    - {fault: crash, at: 1200ms, node: broker-0, lasts: 400ms}
    - {fault: crash, at: 2500ms, node: broker-2, lasts: 200ms}
    - {fault: crash, at: 3500ms, node: view, lasts: 2s}
    - {fault: crash, at: 4300ms, node: worker, lasts: 100ms}
defect: torn-tail
expect: {verdict: violated, property: never-fatal}
`

// What nobody can take apart is made up anew: small, and failing in the same way.
func TestLawByHand(t *testing.T) {
	s, err := scenarios.ParseScenario("knotted.yaml", []byte(knotted), nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := scenarios.Play(s, scenarios.PlayOptions{})
	if err != nil || out.Property != "never-fatal" || len(out.Fired) <= faultsGoal {
		t.Fatalf("%v: %+v", err, out)
	}
	var texts []string
	for range 2 {
		k := newShrinker(s, out, &ShrinkOptions{})
		if !k.freeze() || !k.byHand() {
			t.Fatal("nothing was made up")
		}
		if len(k.out.Fired) == 0 || !k.small() || k.out.Property != "never-fatal" {
			t.Errorf("%d rows, %d faults, %s", len(k.best.Story.Rows), len(k.out.Fired), k.out.Property)
		}
		texts = append(texts, k.best.String())
	}
	if texts[0] != texts[1] {
		t.Errorf("made up twice, it is\n%s\nand\n%s", texts[0], texts[1])
	}
}

// A failure of an expectation is shrunk, too.
func TestVectorShrinkExpectation(t *testing.T) {
	s := scenarios.Drawn(4)
	s.Expect.View = []scenarios.Line{}
	out, err := scenarios.Play(s, scenarios.PlayOptions{})
	if err != nil || out.Verdict != scenarios.Pass || len(out.Missed) == 0 {
		t.Fatalf("%v: %+v", err, out)
	}
	small, err := Shrink(s, out, ShrinkOptions{Budget: shrink.Budget{RunsMax: 120}})
	if err != nil || len(small.Scenario.Story.Rows) != 1 || len(small.Outcome.Fired) != 0 || len(small.Outcome.Missed) == 0 {
		t.Errorf("%v: %d rows, %d faults, missed %v", err, len(small.Scenario.Story.Rows), len(small.Outcome.Fired), small.Outcome.Missed)
	}
}

func traceText(o *scenarios.Outcome) string { return fmt.Sprintf("trace: %016x", o.Hash) }
