package operator

import (
	"bytes"
	"testing"

	"parallax/engine/flow/column"
)

func newDicts(n int) []*column.Dict { return make([]*column.Dict, n) }

// TestLawChainInterleaving: two windows in a row give the on-time and final values of
// every (key, window) of a from-scratch model, whatever way partitions interleave,
// batches are cut, and states saved and loaded between any two panes; what is
// retracted stood; and nothing is kept longer than it must.
func TestLawChainInterleaving(t *testing.T) {
	differing := 0
	for seed := range uint64(stories / 2) {
		s := newChainStory(seed)
		plan := s.plan(t)
		want := s.solve()
		if len(want.onTime) != len(want.final) {
			differing++
		}
		for i := range uint64(tellings) {
			got, problem := s.tell(t, i, plan, nil)
			if d := got.differs(want); d != "" || problem != "" {
				t.Fatalf("%v, telling %d: %s %s", s, i, problem, d)
			}
		}
	}
	if differing < stories/20 {
		t.Errorf("in %d stories of %d revisions make other windows: the stories are dull", differing, stories/2)
	}
}

// TestPlantedChainDefects: the law's test sees each of these, soon.
func TestPlantedChainDefects(t *testing.T) {
	for _, c := range []struct {
		name   string
		defect linkDefect
	}{
		{"a revision is on time for the windows above", linkMixes},
		{"what a revision replaces stays counted", linkPiles},
		{"the watermark is passed on before the panes", linkHurries},
		{"results are forgotten when their windows fire", linkForgets},
	} {
		caught, after := 0, 0
		for seed := range uint64(200) {
			s := newChainStory(seed)
			got, problem := s.tell(t, 0, s.plan(t), func(p *Path) { p.links[0].defect = c.defect })
			if d := got.differs(s.solve()); d != "" || problem != "" {
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

// TestLawChainCorruptState is TestLawCorruptState for two windows in a row.
func TestLawChainCorruptState(t *testing.T) {
	loaded := 0
	for seed := range uint64(24) {
		s := newChainStory(seed)
		plan, state := savedChain(t, s)
		tryLoad(t, s.story, plan, state)
		for i := range state {
			for _, flip := range []byte{0x01, 0x02, 0x80, 0xff} {
				bad := bytes.Clone(state)
				bad[i] ^= flip
				tryLoad(t, s.story, plan, bad)
				loaded++
			}
			tryLoad(t, s.story, plan, state[:i])
		}
	}
	t.Logf("%d states", loaded)
}
