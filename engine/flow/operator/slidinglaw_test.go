package operator

import (
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
)

// TestLawSlidingInterleaving: on-time and final values of every (key, window), all
// counts and all drops are those of a from-scratch model, for 5,000 random
// interleavings, batch sizes and save points of 1 to 4 partitions, with and without
// allowed lateness, across min and own; what is shown on the way follows from the rows
// so far and the watermark alone; nothing is retracted; and what is over is forgotten.
func TestLawSlidingInterleaving(t *testing.T) {
	var sum Counts
	added := 0
	for seed := range uint64(stories / 2) {
		s := newSlidingStory(seed, flow.Log)
		plan := s.plan(t)
		want := s.solveSliding()
		for _, c := range want.counts {
			sum.Add(c)
		}
		for at := range want.onTime {
			if _, ok := want.final[at]; !ok {
				t.Fatalf("%v: the window at %v is taken back", s, at)
			}
		}
		added += len(want.final) - len(want.onTime)
		stacks := func(p *Path) { p.last.(*slides).sums.how = byStacks }
		for i := range uint64(tellings) {
			got, problem := s.tell(t, i, plan, []func(*Path){nil, stacks}[i%2])
			if d := got.differs(want); d != "" || problem != "" {
				t.Fatalf("%v, telling %d: %s %s", s, i, problem, d)
			}
		}
	}
	if sum.PairsOnTime < stories || sum.PairsRevised < stories/4 || sum.PairsDropped < stories/4 || sum.RowsDropped < stories/8 ||
		sum.PairsDropped-sum.RowsDropped < stories/8 || added < stories/4 {
		t.Errorf("the stories are dull: %+v, %d windows that late rows made", sum, added)
	}
}

// TestLawSlidingOperatorRuleDepends: see TestLawOperatorRuleDepends.
func TestLawSlidingOperatorRuleDepends(t *testing.T) {
	differing, alone := 0, 0
	for seed := range uint64(stories / 4) {
		s := newSlidingStory(seed, flow.Operator)
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

// TestLawSlidingSums: windows summed up from two stacks, or by taking out what leaves,
// are those summed up anew, and so is what is left.
func TestLawSlidingSums(t *testing.T) {
	for seed := range uint64(stories / 4) {
		s := newSlidingStory(seed, flow.Log)
		plan := s.plan(t)
		want, problem := s.tell(t, 0, plan, func(p *Path) { p.last.(*slides).sums.how = byPlain })
		for _, how := range []summing{byStacks, byRetracting} {
			got, again := s.tell(t, 0, plan, func(p *Path) { p.last.(*slides).sums.how = how })
			if d := got.differs(want); d != "" || problem != "" || again != "" {
				t.Fatalf("%v: %s %s %s", s, problem, again, d)
			}
		}
	}
}

// TestPlantedSlidingDefects: the law's test sees each of these, soon.
func TestPlantedSlidingDefects(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(*slides)
	}{
		{"difference exclusive", func(s *slides) { s.spec.Size -= 1000 }},
		{"difference off by one", func(s *slides) { s.spec.Size += 1000 }},
		{"no window just after a row", func(s *slides) { s.single = true }},
		{"revision counted on time", func(s *slides) { s.mixed = true }},
		{"watermark off by one", func(s *slides) { s.mark.Bounded-- }},
		{"rows freed when their windows have fired", func(s *slides) { s.hasty = true }},
	} {
		caught, after := 0, 0
		for seed := range uint64(200) {
			s := newSlidingStory(seed, flow.Log)
			s.mark.Bounded++
			if s.window.Size == 1000 {
				continue
			}
			got, problem := s.tell(t, 0, s.plan(t), func(p *Path) { c.plant(p.last.(*slides)) })
			if d := got.differs(s.solveSliding()); d != "" || problem != "" {
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
