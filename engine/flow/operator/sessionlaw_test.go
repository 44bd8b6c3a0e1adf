package operator

import (
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// TestLawSessionInterleaving: on-time and final values of every (key, session), all
// counts and all drops are those of a from-scratch model, for 5,000 random
// interleavings, batch sizes and save points of 1 to 4 partitions, sessions that
// overlap or touch, with and without allowed lateness, across min and own; what is
// shown on the way follows from the rows so far and the watermark alone; what was
// retracted stood; and no session is kept longer than it must.
func TestLawSessionInterleaving(t *testing.T) {
	var sum Counts
	for seed := range uint64(stories / 2) {
		s := newSessionStory(seed, flow.Log)
		plan := s.plan(t)
		want := s.solveSessions()
		for _, c := range want.counts {
			sum.Add(c)
		}
		for i := range uint64(tellings) {
			got, problem := s.tell(t, i, plan, nil)
			if d := got.differs(want); d != "" || problem != "" {
				t.Fatalf("%v, telling %d: %s %s", s, i, problem, d)
			}
		}
	}
	if sum.PairsOnTime < stories || sum.PairsRevised < stories/2 || sum.PairsDropped < stories/4 {
		t.Errorf("the stories are dull: %+v", sum)
	}
	t.Logf("%+v", sum)
}

// TestLawSessionOperatorRule: by the rule "operator" another interleaving gives
// another answer, but with one partition, or across own, nothing else matters:
// neither batches nor when panes are asked for.
func TestLawSessionOperatorRule(t *testing.T) {
	differing, alone := 0, 0
	for seed := range uint64(stories / 2) {
		s := newSessionStory(seed, flow.Operator)
		plan := s.plan(t)
		first, problem := s.tell(t, 0, plan, nil)
		second, again := s.tell(t, 1, plan, nil)
		if problem != "" || again != "" {
			t.Fatalf("%v: %s %s", s, problem, again)
		}
		d := second.differs(first)
		if d != "" {
			differing++
		}
		if len(s.logs) == 1 || s.mark.Across == watermark.Own {
			alone++
			if d != "" {
				t.Fatalf("%v: %s", s, d)
			}
		}
	}
	if differing == 0 || alone == 0 {
		t.Errorf("%d stories whose interleavings differ, %d that have none", differing, alone)
	}
	t.Logf("%d of %d stories give other answers when they interleave otherwise", differing, stories/2)
}

// TestPlantedSessionDefects: the law's test sees each of these, soon.
func TestPlantedSessionDefects(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(*Path)
	}{
		{"touching treated as overlapping", func(p *Path) { p.last.(*Sessions).spec.Merge = window.Overlapping }},
		{"session that was joined not retracted", func(p *Path) { p.Plant("mute") }},
		{"revision counted on time", func(p *Path) { p.Plant("mixed") }},
		{"watermark off by one", func(p *Path) { p.last.(*Sessions).mark.Bounded-- }},
		{"gap off by one", func(p *Path) { p.last.(*Sessions).spec.Size++ }},
		{"session forgotten when it has fired", func(p *Path) { p.Plant("hasty") }},
		{"session never forgotten", func(p *Path) { p.Plant("hoard") }},
	} {
		caught, after := 0, 0
		for seed := range uint64(200) {
			s := newSessionStory(seed, flow.Log)
			s.mark.Bounded++
			got, problem := s.tell(t, 0, s.plan(t), c.plant)
			if d := got.differs(s.solveSessions()); d != "" || problem != "" {
				if caught++; caught == 1 {
					after = int(seed) + 1
				}
			}
		}
		if caught == 0 {
			t.Errorf("%s: not caught", c.name)
		}
		t.Logf("%s: caught by %d of 200 stories, first after %d", c.name, caught, after)
	}
}
