package conformance

import (
	"errors"
	"strings"

	"parallax/engine"
)

// "Start makes an actor … Its effects are carried out like a step's", with output
// commit, timers and removes.
func startEffects(s *stage) {
	s.boot(1)
	s.bootWith(2, order{effects: engine.Effects{
		Persists: []engine.Persist{write("a-*", "abc", to(2, "then"))},
		Sends:    append(envelopes(1, "send"), to(2, "send to self")),
		Eager:    envelopes(2, "eager"),
		Timers:   []engine.Timer{timer(1, engine.Millisecond, "timer")},
	}})
	s.hear(2, "then", "send to self", "eager", "timer")
	s.hear(1, "send")
	s.eventually(2, `a-1="abc"`)
	s.driver.Crash(2)
	s.bootWith(2, order{effects: engine.Effects{Removes: []string{"a-1"}}})
	s.eventually(2, "")
}

// "An error is Fatal", and "the node stays down until an operator acts".
func startError(s *stage) {
	s.boot(1)
	s.bootWith(2, order{
		err:     errors.New("start refused"),
		effects: engine.Effects{Persists: []engine.Persist{write("a-*", "x")}, Eager: envelopes(1, "revealed")},
	})
	if err := s.down(2); !strings.Contains(err.Error(), "start refused") {
		s.Errorf("the reason is %v", err)
	}
	s.boot(2)
	if err := s.driver.Fatal(2); err != nil {
		s.Errorf("up again, and yet down: %v", err)
	}
	if v := s.lastView(2); len(v.files) > 0 {
		s.Errorf("a failed Start left %s", v)
	}
	s.settle(2, 1)
	s.notHeard(1, "revealed")
}

// "Fatal, if set, discards everything else in this step; the node stays down until
// an operator acts."
func fatalDiscards(s *stage) {
	s.boot(1)
	s.boot(2)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("kept-*", "kept")}, Sends: envelopes(2, "kept"),
	}})
	s.hear(2, "kept")
	s.do(1, order{effects: engine.Effects{
		Fatal:    errors.New("lost my mind"),
		Persists: []engine.Persist{write("a-*", "x", to(2, "revealed then"))},
		Sends:    envelopes(2, "revealed send"),
		Eager:    envelopes(2, "revealed eager"),
		Removes:  []string{"kept-*"},
	}})
	if err := s.down(1); !strings.Contains(err.Error(), "lost my mind") {
		s.Errorf("the reason is %v", err)
	}
	s.do(2, order{effects: engine.Effects{Sends: envelopes(1, "to the dead")}})
	s.do(2, make([]order, 20)...)
	if s.driver.Fatal(1) == nil || s.count(func() int { return len(s.envs[1]) }) != 1 {
		s.Error("the node came back by itself")
	}
	s.boot(1)
	if got := strings.TrimSpace(s.lastView(1).String()); got != `kept-1="kept"` {
		s.Errorf("Disk shows %s", got)
	}
	s.settle(1, 2)
	s.notHeard(2, "revealed")
}

// "A panic in Step becomes Fatal."
func panicIsFatal(s *stage) {
	s.boot(1)
	s.boot(2)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("a-*", "x")}, Eager: envelopes(2, "revealed"),
	}, panics: "index out of mind"})
	if err := s.down(1); !strings.Contains(err.Error(), "index out of mind") {
		s.Errorf("the reason is %v", err)
	}
	s.boot(1)
	if v := s.lastView(1); len(v.files) > 0 {
		s.Errorf("the step left %s", v)
	}
	s.settle(1, 2)
	s.notHeard(2, "revealed")
}

// A panic in Start is one, too.
func panicInStartIsFatal(s *stage) {
	s.bootWith(1, order{panics: "no state"})
	if err := s.down(1); !strings.Contains(err.Error(), "no state") {
		s.Errorf("the reason is %v", err)
	}
	s.boot(1)
}
