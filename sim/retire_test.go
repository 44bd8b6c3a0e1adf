package sim_test

import (
	"testing"

	"parallax/engine"
	"parallax/sim"
)

// TestVectorRetire: a node that is taken out of service stays down, also if its start was
// planned already, and what it has written stays.
func TestVectorRetire(t *testing.T) {
	s := newStage(t, sim.Options{})
	writing := func(engine.Env, *engine.Effects) (engine.Actor, error) {
		return script{"write": func(_ engine.Event, fx *engine.Effects) { fx.Persist("f", []byte("kept")) }}, nil
	}
	running := s.Boot("running", writing, decodeNote)
	crashed := s.Boot("crashed", writing, decodeNote)
	s.settle()
	s.cue(running, "write")
	s.settle()
	s.Crash(crashed)
	s.Restart(crashed)
	for _, id := range []engine.NodeID{running, crashed} {
		s.Retire(id)
	}
	s.Calm()
	s.Restart(running)
	s.RestartAt(s.Now(), crashed)
	s.settle()
	if s.Actor(running) != nil || s.Actor(crashed) != nil {
		t.Errorf("they run: %v, %v", s.Actor(running), s.Actor(crashed))
	}
	if got := readAll(t, s.Disk(running), "f"); got != "kept" {
		t.Errorf("%q is left", got)
	}
}
