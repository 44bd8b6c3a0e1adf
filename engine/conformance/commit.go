package conformance

import (
	"fmt"
	"strings"

	"parallax/engine"
)

// "Sends leave only when every Persist that this node has issued so far is
// durable", this step's included. "Eager messages leave at once."
func outputCommit(s *stage) {
	s.boot(1)
	s.boot(2)
	s.driver.Hold(1, true)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("log-*", "abc", to(2, "then"))},
		Sends:    envelopes(2, "send"),
		Eager:    envelopes(2, "eager"),
	}})
	s.hear(2, "eager")
	s.settle(1, 2)
	s.notHeard(2, "send", "then")
	s.driver.Hold(1, false)
	s.hear(2, "send", "then")
	if got := s.look(1).data["log-1"]; got != "abc" {
		s.Errorf("the message left and %q is durable, want %q", got, "abc")
	}
}

// "… so nothing undurable can be revealed by accident, not even by a later step":
// one that persists nothing itself waits all the same.
func outputCommitOfEarlierSteps(s *stage) {
	s.boot(1)
	s.boot(2)
	s.driver.Hold(1, true)
	s.do(1,
		order{effects: engine.Effects{Persists: []engine.Persist{write("log-*", "abc")}}},
		order{effects: engine.Effects{Sends: envelopes(2, "send"), Eager: envelopes(2, "eager")}},
		order{effects: engine.Effects{Sends: envelopes(1, "send to self")}},
		order{effects: engine.Effects{Eager: envelopes(1, "eager to self")}},
	)
	s.hear(2, "eager")
	s.hear(1, "eager to self")
	s.settle(1, 2)
	s.notHeard(2, "send")
	s.notHeard(1, "send to self")
	s.driver.Hold(1, false)
	s.hear(2, "send")
	s.hear(1, "send to self")
}

// Where nothing has been persisted, or all of it is durable, Sends need not wait.
func sendsWithoutPersist(s *stage) {
	s.boot(1)
	s.boot(2)
	s.do(1, order{effects: engine.Effects{Sends: envelopes(2, "a")}})
	s.hear(2, "a")
	s.do(1, order{effects: engine.Effects{Persists: []engine.Persist{write("log-*", "x", to(1, "durable"))}}})
	s.hear(1, "durable")
	s.driver.Hold(1, true)
	s.do(1, order{effects: engine.Effects{Sends: envelopes(2, "b")}})
	s.hear(2, "b")
	s.driver.Hold(1, false)
}

// "Then leaves when it is durable, in issue order", over files and steps.
func thenInIssueOrder(s *stage) {
	s.boot(1)
	s.driver.Hold(1, true)
	var want []string
	then := func() []engine.Envelope {
		want = append(want, fmt.Sprintf("then %02d", len(want)))
		return envelopes(1, want[len(want)-1])
	}
	for range 3 {
		s.do(1, order{effects: engine.Effects{Persists: []engine.Persist{
			write("b-*", "x", then()...),
			write("a-*", "y", append(then(), then()...)...),
			{Then: then()},
			write("b-*", "z", then()...),
		}}})
	}
	s.driver.Hold(1, false)
	s.hear(1, want[len(want)-1])
	same(s, "order of Thens", s.heardOf(1, "then"), want)
}

// "A nil Data is a barrier: nothing is written, Then leaves when all earlier
// Persists are durable" — at once, if they are.
func barrier(s *stage) {
	s.boot(1)
	s.do(1, order{effects: engine.Effects{Persists: []engine.Persist{{Then: envelopes(1, "at once")}}}})
	s.hear(1, "at once")
	s.driver.Hold(1, true)
	s.do(1,
		order{effects: engine.Effects{Persists: []engine.Persist{write("log-*", "abc")}}},
		order{effects: engine.Effects{Persists: []engine.Persist{{File: "none-*", Then: envelopes(1, "behind")}}}},
		order{effects: engine.Effects{Eager: envelopes(1, "eager")}},
	)
	s.hear(1, "eager")
	s.notHeard(1, "behind")
	s.driver.Hold(1, false)
	s.hear(1, "behind")
	s.eventually(1, `log-1="abc"`)
}

// "Writes are data and are committed in groups, in issue order": everything that
// was issued during one commit becomes durable, each file in the order of its
// Persists, and the bytes are those at the end of the step.
func groupCommit(s *stage) {
	s.boot(1)
	s.driver.Hold(1, true)
	var a, b strings.Builder
	scratch := make([]byte, 4)
	for i := range 100 {
		copy(scratch, fmt.Sprintf("%04d", i))
		o := order{effects: engine.Effects{Persists: []engine.Persist{
			{File: "a-*", Data: scratch},
			write("b-*", "."),
			{File: "a-*", Data: scratch[2:]},
		}}}
		if i == 99 {
			o.effects.Sends = envelopes(1, "all")
		}
		a.Write(scratch)
		a.Write(scratch[2:])
		b.WriteByte('.')
		s.do(1, o)
		s.do(1, order{}) // the step is over: its memory is ours again
	}
	s.driver.Hold(1, false)
	s.hear(1, "all")
	v := s.look(1)
	if v.data["a-1"] != a.String() || v.data["b-1"] != b.String() {
		s.Errorf("a durable group shows %s", v)
	}
}

// "Removes delete files after those Persists": the step's own and all earlier
// ones. Removing what is not there is nothing.
func removeWaits(s *stage) {
	s.boot(1)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("old-*", "old")},
		Removes:  []string{"missing"},
		Sends:    envelopes(1, "durable"),
	}})
	s.hear(1, "durable")
	s.driver.Hold(1, true)
	s.do(1,
		order{effects: engine.Effects{Persists: []engine.Persist{write("new-*", "new")}}},
		order{effects: engine.Effects{Removes: []string{"old-*"}}},
		order{effects: engine.Effects{Eager: envelopes(1, "eager")}},
	)
	s.hear(1, "eager")
	if got := s.look(1).data["old-1"]; got != "old" {
		s.Errorf("removed before the persist that it waits for is durable: %s", s.look(1))
	}
	s.driver.Hold(1, false)
	s.eventually(1, `new-1="new"`)
	s.boot(2)
	s.settle(1, 2)
	if v := s.reboot(1); v.data["new-1"] != "new" {
		s.Errorf("after a crash: %s", v)
	}
}

// A crash before those Persists are durable leaves the file as it was.
func removeUndoneWithPersists(s *stage) {
	s.boot(1)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("old-*", "old", to(1, "durable"))},
	}})
	s.hear(1, "durable")
	s.driver.Hold(1, true)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("new-*", "new")},
		Removes:  []string{"old-*"},
		Eager:    envelopes(1, "eager"),
	}})
	s.hear(1, "eager")
	if v := s.reboot(1); v.data["old-1"] != "old" {
		s.Errorf("the crash undid the persist and kept the removal: %s", v)
	}
	s.driver.Hold(1, false)
}
