package cluster

import (
	"testing"

	"parallax/sim"
	"parallax/sim/story"
)

// calmStory is a drawn story in which nothing breaks.
func calmStory() *story.Story {
	s := story.Draw(3)
	s.World, s.Queries, s.AskEvery = sim.Options{Seed: 3}, nil, 0
	return s
}

func play(t *testing.T, s *story.Story) *Deployment {
	t.Helper()
	job, o, err := Of(s)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Deploy(job, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Play(s); err != nil {
		t.Fatal(err)
	}
	return d
}

// A client that asks nothing gets no answer.
func TestVectorNobodyAsks(t *testing.T) {
	s := calmStory()
	if n := play(t, s).Tally().Answers; n == 0 {
		t.Error("no answers")
	}
	s.AskEvery = -1
	if n := play(t, s).Tally().Answers; n != 0 {
		t.Errorf("%d answers to a client that asks nothing", n)
	}
}
