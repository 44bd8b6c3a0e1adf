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
