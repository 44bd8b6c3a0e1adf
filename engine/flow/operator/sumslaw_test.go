package operator

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// newLongStory is a story about windows that are many times as long as their step,
// with rows that come late to slices of every age.
func newLongStory(seed uint64) story {
	rng := rand.New(rand.NewPCG(seed, 43))
	s := newStory(seed, flow.Log)
	every := 1 + rng.Int64N(3)
	s.window = window.Hop(1000*(10+rng.Int64N(50)), 1000*every, 1000*rng.Int64N(5))
	s.mark.AheadMax = 0
	for p := range s.logs {
		at := rng.Int64N(20000) - 10000
		s.logs[p] = s.logs[p][:0]
		for range 20 + rng.IntN(60) {
			if at += rng.Int64N(2500); rng.IntN(25) == 0 { // all windows are over
				at += 2 * s.window.Size
			}
			r := record{time: at - rng.Int64N(1+s.mark.Bounded), v: rng.Int64N(100) - 20, key: fmt.Sprint("k", rng.IntN(5))}
			if s.mark.Across == watermark.Own {
				r.key += fmt.Sprint(" of ", p)
			}
			if rng.IntN(4) == 0 {
				r.time -= rng.Int64N(s.window.Size)
			}
			s.logs[p] = append(s.logs[p], r)
		}
	}
	return s
}

// TestLawLongHopInterleaving is TestLawInterleaving where running sums are made,
// used up, made again, and met by late rows.
func TestLawLongHopInterleaving(t *testing.T) {
	var sum Counts
	caught := 0
	for seed := range uint64(stories / 20) {
		s := newLongStory(seed)
		plan := s.plan(t)
		want := s.solve()
		for _, c := range want.counts {
			sum.Add(c)
		}
		for i := range uint64(tellings) {
			got, problem := s.tell(t, i, plan, nil)
			if d := got.differs(want); d != "" || problem != "" {
				t.Fatalf("%v, telling %d: %s %s", s, i, problem, d)
			}
		}
		got, problem := s.tell(t, 0, plan, func(p *Path) { p.sliced.deaf = true })
		if problem != "" || got.differs(want) != "" {
			caught++
		}
	}
	if sum.PairsOnTime < 10*stories || sum.PairsRevised < stories || sum.PairsDropped < stories {
		t.Errorf("the stories are dull: %+v", sum)
	}
	if caught < stories/40 {
		t.Errorf("sums that leave out late rows are found in %d of %d stories", caught, stories/20)
	}
}
