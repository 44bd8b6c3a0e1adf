package fuzz

import (
	"os"
	"runtime/debug"
	"testing"

	"parallax/scenarios"
)

// Runs are many and small: see sim/cluster.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}

// with expands seeds to drawn runs with a mistake built in.
func with(defect string) func(uint64) (*scenarios.Scenario, error) {
	return func(seed uint64) (*scenarios.Scenario, error) {
		s := scenarios.Drawn(seed)
		s.Defect = defect
		return s, nil
	}
}

// first is the first failure of a mistake.
func first(t *testing.T, defect string) Found {
	t.Helper()
	r, err := (&Campaign{Scenario: with(defect), From: 1, To: 1000, Workers: 2}).Run()
	if err != nil || len(r.Found) != 1 {
		t.Fatalf("%s: %d found, %v", defect, len(r.Found), err)
	}
	return r.Found[0]
}
