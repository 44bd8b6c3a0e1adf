package conformance

import (
	"strings"

	"parallax/engine"
)

// Messages to oneself "die with the incarnation", timers and Thens included.
func selfDiesWithIncarnation(s *stage) {
	s.boot(1)
	s.driver.Hold(1, true)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("a-*", "x", to(1, "ghost then"))},
		Sends:    envelopes(1, "ghost send"),
		Timers:   []engine.Timer{timer(1, engine.Second/20, "ghost timer")},
		Eager:    envelopes(1, "eager"),
	}})
	s.hear(1, "eager")
	s.reboot(1)
	s.driver.Hold(1, false)
	s.do(1, order{effects: engine.Effects{Timers: []engine.Timer{timer(2, engine.Second/10, "later")}}})
	s.hear(1, "later")
	s.count(func() int {
		for _, h := range s.notes[1] {
			if h.boot > 1 && strings.HasPrefix(h.text, "ghost") {
				s.Errorf("incarnation %d heard %q", h.boot, h.text)
			}
		}
		return 0
	})
}

// What a crashed incarnation had held back for a Persist never leaves.
func heldBackDiesWithIncarnation(s *stage) {
	s.boot(1)
	s.boot(2)
	s.driver.Hold(1, true)
	s.do(1, order{effects: engine.Effects{
		Persists: []engine.Persist{write("a-*", "x", to(2, "ghost then"))},
		Sends:    envelopes(2, "ghost send"),
		Eager:    envelopes(2, "eager"),
	}})
	s.hear(2, "eager")
	s.reboot(1)
	s.driver.Hold(1, false)
	s.settle(1, 2)
	s.notHeard(2, "ghost")
}

// "Messages are encoded at the end of the step; actors never share memory": what
// the sender does to its memory afterwards shows nowhere, in a Then and a timer
// neither; nor does what a receiver does to its copy.
func messagesAreEncoded(s *stage) {
	s.boot(1)
	s.boot(2)
	texts := []string{"eager", "send", "then", "timer"}
	var msgs [4]*note
	for i, text := range texts {
		msgs[i] = &note{[]byte(text)}
	}
	s.driver.Hold(1, true)
	s.do(1, order{effects: engine.Effects{
		Eager:    []engine.Envelope{{To: 1, Msg: msgs[0]}, {To: 2, Msg: msgs[0]}},
		Sends:    []engine.Envelope{{To: 1, Msg: msgs[1]}, {To: 2, Msg: msgs[1]}},
		Persists: []engine.Persist{{File: "a-*", Data: []byte("x"), Then: []engine.Envelope{{To: 1, Msg: msgs[2]}, {To: 2, Msg: msgs[2]}}}},
		Timers:   []engine.Timer{{Key: 1, After: engine.Second / 20, Msg: msgs[3]}},
	}})
	s.do(1, order{}) // the step is over
	for _, m := range msgs {
		for i := range m.text {
			m.text[i] = '?'
		}
	}
	s.driver.Hold(1, false)
	s.hear(1, texts...)
	s.hear(2, texts[:3]...)
}

// "Decode … must not panic on any input": a message that it refuses never reaches
// the actor. The receiver may lose it, or go down with a reason.
func undecodableMessage(s *stage) {
	s.boot(1)
	s.boot(2)
	s.do(1, order{effects: engine.Effects{Eager: []engine.Envelope{{To: 2, Msg: garbage{}}, to(2, "good")}}})
	s.until("the good message, or a reason", func() bool {
		return s.hasHeard(2, "good") || s.driver.Fatal(2) != nil
	})
	if s.driver.Fatal(2) != nil {
		s.boot(2)
	}
	s.settle(1, 2)
}

// A message to a node that is down is lost and does no harm, and one to a node
// that is up again arrives.
func messageToDeadNode(s *stage) {
	s.boot(1)
	s.boot(2)
	s.settle(1, 2)
	s.driver.Crash(2)
	for range 5 {
		s.do(1, order{effects: engine.Effects{Sends: envelopes(2, "to the dead"), Eager: envelopes(2, "to the dead")}})
	}
	s.do(1, order{effects: engine.Effects{Persists: []engine.Persist{write("a-*", "x", to(1, "alive"))}}})
	s.hear(1, "alive")
	s.boot(2)
	s.settle(1, 2)
}
