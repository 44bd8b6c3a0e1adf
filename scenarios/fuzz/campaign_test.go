package fuzz

import (
	"reflect"
	"testing"

	"parallax/scenarios"
	"parallax/sim/zoo"
)

// What a campaign reports does not depend on how many workers it has.
func TestDeterminismWorkers(t *testing.T) {
	for _, keepOn := range []bool{false, true} {
		var reports []*Report
		for _, workers := range []int{1, 3} {
			c := Campaign{Scenario: with("publish-twice"), From: 1, To: 12, Workers: workers, KeepOn: keepOn}
			r, err := c.Run()
			if err != nil {
				t.Fatal(err)
			}
			reports = append(reports, r)
		}
		a, b := reports[0], reports[1]
		if !reflect.DeepEqual(a.Hashes, b.Hashes) || len(a.Found) == 0 || len(a.Found) != len(b.Found) {
			t.Fatalf("keep on %v: %v and %v, %d and %d found", keepOn, a.Hashes, b.Hashes, len(a.Found), len(b.Found))
		}
		for i := range a.Found {
			if a.Found[i].Seed != b.Found[i].Seed || a.Found[i].Outcome.Hash != b.Found[i].Outcome.Hash {
				t.Errorf("seeds %d and %d", a.Found[i].Seed, b.Found[i].Seed)
			}
		}
		if last := a.Hashes[len(a.Hashes)-1].Seed; keepOn != (last == 12) {
			t.Errorf("keep on %v: the last seed is %d", keepOn, last)
		}
	}
}

// Without mistakes nothing is found, and something is shown.
func TestLawNothingIsFound(t *testing.T) {
	c := Campaign{Scenario: with(""), From: 1, To: 40, Workers: 2}
	r, err := c.Run()
	if err != nil || len(r.Found) > 0 || r.Runs != 40 || r.Inconclusive > 4 || len(r.Hashes) != 40 {
		t.Fatalf("%v: %+v", err, r)
	}
	over := Campaign{Scenario: with(""), From: 1, To: 40, Over: func() bool { return true }}
	if r, err := over.Run(); err != nil || r.Runs != 0 {
		t.Errorf("a campaign that is over played %d runs: %v", r.Runs, err)
	}
}

// Each mistake of the zoo is found from random seeds, by a property that may find it.
func TestZooIsFound(t *testing.T) {
	for _, d := range zoo.All() {
		f := first(t, d.Name)
		t.Logf("%s: %d seeds, %s: %v", d.Name, f.Seed, f.Outcome.Property, f.Outcome.Why)
		if !d.Expects(f.Outcome.Property) {
			t.Errorf("%s: found by %s, which has nothing to do with it", d.Name, f.Outcome.Property)
		}
	}
}

// A run whose answer is exact, and not the one that its scenario expects, has failed.
func TestVectorFailed(t *testing.T) {
	for _, c := range []struct {
		out  scenarios.Outcome
		want bool
	}{
		{scenarios.Outcome{Verdict: scenarios.Pass}, false},
		{scenarios.Outcome{Verdict: scenarios.Pass, Missed: []string{"x"}}, true},
		{scenarios.Outcome{Verdict: scenarios.Violated, Missed: []string{"x"}}, true},
		{scenarios.Outcome{Verdict: scenarios.Violated}, false},
		{scenarios.Outcome{Verdict: scenarios.Inconclusive, Missed: []string{"x"}}, false},
	} {
		if Failed(&c.out) != c.want {
			t.Errorf("%+v", c.out)
		}
	}
}
