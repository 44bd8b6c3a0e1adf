package fuzz

import (
	"strings"
	"testing"

	"parallax/scenarios"
)

func library(t *testing.T, name string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.LoadScenario("../"+name+".yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An explanation names the property, what was seen, the steps that led there and the
// faults; of a run in which all is well it says so.
func TestVectorExplain(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string
	}{
		{"zoo/no-dedup", []string{
			"something happens that should not", "What should hold, nothing-twice: Every batch of a producer is in the log once",
			"What was seen, in the world as a whole, at event ", "How it came to that, first things first:", "gets produce from producer, and writes ",
			"What went wrong in the world until then (", "The pipeline, of ",
		}},
		{"library/two-stragglers", []string{"everything holds", "Nothing is wrong: after each of ", "No fault has struck"}},
		{"library/nothing-struck", []string{"inconclusive", "Nothing follows from this run: a fault of the list did not strike: 1.5s crash worker"}},
	} {
		s := library(t, c.name)
		text, err := Explain(s)
		if err != nil {
			t.Fatal(err)
		}
		if s.Defect != "" { // whatever make zoo has found last
			for _, f := range s.Story.World.Frozen {
				c.want = append(c.want, f.Family.String()+" "+f.Node)
			}
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, text)
			}
		}
	}
}

// A chain of causes goes from a step to the one that sent what it handled: instants
// and events rise, and each step is on the node that the message before went to.
func TestLawCauses(t *testing.T) {
	h := &history{s: scenarios.Drawn(4), sends: map[sendKey]uint64{}}
	out, err := scenarios.Play(h.s, scenarios.PlayOptions{Watch: h.watch})
	if err != nil {
		t.Fatal(err)
	}
	long := 0
	for event := uint64(1); event <= out.Event; event++ {
		chain := h.causes(event)
		for i := 1; i < len(chain); i++ {
			if chain[i].event <= chain[i-1].event || chain[i].at < chain[i-1].at || chain[i].from != chain[i-1].to {
				t.Fatalf("event %d: %+v leads to %+v", event, chain[i-1], chain[i])
			}
		}
		if len(chain) > 3 {
			long++
		}
	}
	if long < 100 {
		t.Errorf("%d chains of more than three steps", long)
	}
}

// Two runs part where the first thing differs, and the same run does not part.
func TestVectorDiff(t *testing.T) {
	a := scenarios.Drawn(4)
	if d, err := Diff(a, scenarios.Drawn(4)); err != nil || !d.Same {
		t.Errorf("%+v, %v", d, err)
	}
	for row := 20; row < len(a.Story.Rows); row += 60 {
		b := scenarios.Drawn(4)
		b.Story.Rows[row].Time++
		d, err := Diff(a, b)
		if err != nil || d.Same || d.A == nil || d.B == nil || d.A.Event != d.B.Event || len(d.Before) == 0 {
			t.Fatalf("row %d: %+v, %v", row, d, err)
		}
		if d.A.Message != "produce" || d.A.Content == d.B.Content {
			t.Errorf("row %d is first seen in %v and %v", row, d.A, d.B)
		}
	}
}
