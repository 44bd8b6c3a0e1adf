package operator

import (
	"maps"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
)

// TestLawNumberedInterleaving: the values of every (key, window), all counts and all
// drops are those of a from-scratch model, for 5,000 random interleavings, batch sizes
// and save points of 1 to 4 partitions, across min and own; what is shown on the way
// follows from the rows so far and the watermark alone; and what was counted is
// forgotten.
func TestLawNumberedInterleaving(t *testing.T) {
	var sum Counts
	windows := 0
	for seed := range uint64(stories / 2) {
		s := newNumberedStory(seed, flow.Log)
		plan := s.plan(t)
		want := s.solveNumbered()
		for _, c := range want.counts {
			sum.Add(c)
		}
		windows += len(want.final)
		for i := range uint64(tellings) {
			got, problem := s.tell(t, i, plan, nil)
			if d := got.differs(want); d != "" || problem != "" {
				t.Fatalf("%v, telling %d: %s %s", s, i, problem, d)
			}
		}
	}
	if sum.PairsOnTime < stories || sum.PairsDropped < stories/4 || windows < stories {
		t.Errorf("the stories are dull: %+v, %d windows", sum, windows)
	}
	t.Logf("%+v, %d windows", sum, windows)
}

// TestLawNumberedOperatorRule: by the rule "operator" another interleaving gives another
// answer, but with one partition, or across own, nothing else matters.
func TestLawNumberedOperatorRule(t *testing.T) {
	differing, alone := 0, 0
	for seed := range uint64(stories / 4) {
		s := newNumberedStory(seed, flow.Operator)
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
}

// TestPlantedNumberedDefects: the law's test sees each of these, soon.
func TestPlantedNumberedDefects(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(*numbered)
	}{
		{"rows in the order of the log", func(s *numbered) {
			for i := range s.waits {
				s.waits[i].blind = true
			}
		}},
		{"windows off by one", func(s *numbered) { s.size++ }},
		{"late rows counted", func(s *numbered) { s.mark.Bounded += 1000 }},
		{"watermark off by one", func(s *numbered) { s.mark.Bounded-- }},
		{"windows that are not full fire", func(s *numbered) { s.size = 1 }},
	} {
		caught, after := 0, 0
		for seed := range uint64(200) {
			s := newNumberedStory(seed, flow.Log)
			s.mark.Bounded = max(1, s.mark.Bounded)
			got, problem := s.tell(t, 0, s.plan(t), func(p *Path) { c.plant(p.last.(*numbered)) })
			want := s.solveNumbered()
			differs := !maps.Equal(got.final, want.final) // counts and drops would show more
			if differs || problem != "" {
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
