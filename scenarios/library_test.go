package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/sim/zoo"
)

// libraryDir holds the scenarios that are replayed by every test run.
const libraryDir = "library"

// TestScenarios replays every scenario of the library, or of the folder that
// PARALLAX_SCENARIOS names, and compares it with what it expects.
func TestScenarios(t *testing.T) {
	dir := libraryDir
	if other := os.Getenv("PARALLAX_SCENARIOS"); other != "" {
		dir = other
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			s, err := LoadScenario(file, nil)
			if err != nil {
				t.Fatal(err)
			}
			out, err := Play(s, PlayOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range out.Missed {
				t.Errorf("%s; see parallax explain %s", m, file)
			}
		})
	}
}

// handMin is how many scenarios the library holds at least that somebody wrote by hand.
const handMin = 25

// The library is written as parallax fmt writes it, each file is called as its
// scenario, and what somebody wrote by hand teaches, and holds the engine to something.
func TestLawLibrary(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(libraryDir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	hand := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseScenario(file, data, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		if formatted, err := Format(file, data); err != nil || string(formatted) != string(data) {
			t.Errorf("%s is not formatted: %v", file, err)
		}
		if s.Name+".yaml" != filepath.Base(file) {
			t.Errorf("%s holds %s", file, s.Name)
		}
		if s.Doc == "" || s.Origin.FoundBy == "" && s.Teach == nil {
			t.Errorf("%s says too little: it has no doc, or no teach", file)
		}
		if x := &s.Expect; x.Verdict == Pass && x.View == nil && x.At == nil {
			t.Errorf("%s expects nothing of the view", file)
		}
		if s.Origin.FoundBy == "" {
			hand++
		}
	}
	if hand < handMin {
		t.Errorf("%d scenarios are written by hand, fewer than %d", hand, handMin)
	}
}

// zooSeeds is how many seeds a mistake is given to show again where the engine now goes
// another way than when its scenario was written.
const zooSeeds = 300

// The scenario of each mistake in the zoo still shows it. The faults of such a scenario
// are named by what they hit, so a change of the engine may let them hit something else;
// then the rows and the pipeline show it with other faults, and make zoo writes it anew.
func TestZooScenarios(t *testing.T) {
	for _, d := range zoo.All() {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("zoo", d.Name+".yaml")
			if _, err := os.Stat(file); err != nil {
				t.Skip("make zoo has not yet written it; that it is found is a test of package fuzz")
			}
			s, err := LoadScenario(file, nil)
			if err != nil {
				t.Fatal(err)
			}
			out := mustPlay(t, s)
			if len(out.Missed) == 0 {
				return
			}
			t.Logf("%s is of another engine (%s): make zoo writes it anew", file, strings.Join(out.Missed, "; "))
			for seed := uint64(1); seed <= zooSeeds; seed++ {
				again := s.Reseeded(seed)
				if out := mustPlay(t, again); out.Verdict == Violated && d.Expects(out.Property) {
					return
				}
				drawn := Drawn(seed)
				drawn.Defect = d.Name
				if out := mustPlay(t, drawn); out.Verdict == Violated && d.Expects(out.Property) {
					return
				}
			}
			t.Errorf("%s shows nothing", d.Name)
		})
	}
}
