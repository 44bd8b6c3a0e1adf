package engine_test

import (
	"slices"
	"strings"
	"testing"
)

// What the plan forbids, planted one by one.
func TestFloorPlanSeesPlantedViolations(t *testing.T) {
	p := readPlan(t)
	for _, c := range []struct {
		dir, name, imp string
		want           string // part of the only violation; "" means none
	}{
		{"engine", "engine", "math/rand/v2", ""},
		{"engine", "engine", "parallax/engine/journal", "floor 1 does not lie below floor 0"},
		{"engine", "engine", "github.com/zeebo/xxh3", "third-party"},
		{"engine/journal", "journal", "parallax/engine", ""},
		{"engine/journal", "journal", "parallax/engine/commitlog", "imports go down only"},
		{"engine/commitlog", "commitlog", "parallax/engine/journal", ""},
		{"engine/flow", "flow", "parallax/engine/flow/window", ""},
		{"engine/flow/window", "window", "parallax/engine/flow", ""},
		{"engine/flow/window", "window", "parallax/engine/journal", "imports go down only"},
		{"engine/flow/window", "window", "github.com/apache/arrow-go/v18/arrow", "third-party"},
		{"engine/flow/segment", "segment", "github.com/apache/arrow-go/v18/arrow/ipc", ""},
		{"engine/flow/segment", "segment", "github.com/apache/arrow-go/v180", "third-party"},
		{"sim", "sim", "parallax/engine/flow", "imports go down only"},
		{"engine/osenv", "osenv", "parallax/sim", "imports go down only"},
		{"sim/oracle", "oracle", "parallax/engine/flow", ""},
		{"sim/oracle", "oracle", "parallax/sim/cluster", "imports go down only"},
		{"serving", "serving", "gonum.org/v1/gonum/stat", "third-party"},
		{"bench", "bench", "gonum.org/v1/gonum/stat", ""},
		{"scenarios/source", "source", "parallax/scenarios", "imports go down only"},
		{"scenarios", "scenarios", "parallax/scenarios/source", ""},
		{"scenarios", "scenarios", "parallax/cmd/parallax", "imports go down only"},
		{"scenarios", "scenarios", "parallax/attic", "not in engine/floorplan.txt"},
		{"cmd/parallax", "main", "github.com/spf13/cobra", ""},
		{"cmd/parallax", "parallax", "fmt", "packages main"},
		{"cmd/simlint/law", "main", "fmt", "packages main"},
		{"attic", "attic", "fmt", "put it on a floor"},
	} {
		got := p.violations([]unit{{dir: c.dir, name: c.name, imports: []string{c.imp}}})
		switch {
		case c.want == "" && len(got) != 0:
			t.Errorf("%s imports %s: false alarm %q", c.dir, c.imp, got)
		case c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)):
			t.Errorf("%s imports %s: got %q, want one with %q", c.dir, c.imp, got, c.want)
		}
	}
}

func TestFloorPlanRefusesBadLines(t *testing.T) {
	for _, bad := range []string{"x engine law", "0 engine", "0 engine maybe", "0 engine law\n1 engine law"} {
		if _, err := parsePlan(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// Test files and modules of their own stay out of the plan.
func TestFloorPlanReadsTheTree(t *testing.T) {
	units := readUnits(t, "..")
	i := slices.IndexFunc(units, func(u unit) bool { return u.dir == "engine" })
	if i < 0 {
		t.Fatal("engine not found")
	}
	if want := []string{"math/rand/v2"}; !slices.Equal(units[i].imports, want) {
		t.Errorf("imports of engine: %q, want %q", units[i].imports, want)
	}
}
