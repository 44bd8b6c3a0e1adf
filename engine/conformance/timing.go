package conformance

import (
	"fmt"

	"parallax/engine"
)

// "Timer delivers Msg to its own node after After nanoseconds", on the node's own
// clock, not earlier, From the node itself; of several the earlier due first.
func timerFires(s *stage) {
	s.boot(1)
	since := s.clock(1)
	s.do(1, order{effects: engine.Effects{Timers: []engine.Timer{
		timer(3, 30*engine.Millisecond, "timer 30"),
		timer(1, 0, "timer 0"),
		timer(2, 10*engine.Millisecond, "timer 10"),
	}}})
	s.hear(1, "timer 30")
	same(s, "order of timers", s.heardOf(1, "timer"), []string{"timer 0", "timer 10", "timer 30"})
	s.count(func() int {
		for i, h := range s.notes[1] {
			after := []int64{0, 10, 30}[i] * engine.Millisecond
			if int64(h.now-since) < after || h.from != 1 {
				s.Errorf("%q came from %d after %d ns", h.text, h.from, h.now-since)
			}
		}
		return 0
	})
}

// "A timer with the same key replaces the earlier one": put off or brought
// forward, in the same step or a later one.
func timerReplaced(s *stage) {
	s.boot(1)
	s.do(1,
		order{effects: engine.Effects{Timers: []engine.Timer{
			timer(1, 200*engine.Millisecond, "timer early"),
			timer(2, 3600*engine.Second, "timer far"),
			timer(3, engine.Millisecond, "timer kept"),
			timer(4, engine.Millisecond, "timer first"),
			timer(4, 10*engine.Millisecond, "timer second"),
		}}},
		order{effects: engine.Effects{Timers: []engine.Timer{
			timer(1, 220*engine.Millisecond, "timer late"),
			timer(2, engine.Millisecond, "timer near"),
		}}},
	)
	s.hear(1, "timer near", "timer kept", "timer second", "timer late")
	s.notHeard(1, "timer early", "timer far", "timer first")
}

// "A negative After cancels it", and only it; its key may be used again.
func timerCancelled(s *stage) {
	s.boot(1)
	s.do(1,
		order{effects: engine.Effects{Timers: []engine.Timer{
			timer(1, 200*engine.Millisecond, "timer one"),
			timer(2, 220*engine.Millisecond, "timer two"),
			timer(3, engine.Millisecond, "timer three"),
			{Key: 3, After: -1},
		}}},
		order{effects: engine.Effects{Timers: []engine.Timer{
			{Key: 1, After: -1},
			{Key: 99, After: -1},
		}}},
	)
	s.hear(1, "timer two")
	s.notHeard(1, "timer one", "timer three")
	s.do(1, order{effects: engine.Effects{Timers: []engine.Timer{timer(1, engine.Millisecond, "timer four")}}})
	s.hear(1, "timer four")
}

// "Instant is a point on a node's own monotonic clock": it never goes back within
// an incarnation, Start included.
func clockIsMonotone(s *stage) {
	s.boot(1)
	s.do(1, order{effects: engine.Effects{Eager: envelopes(1, "a", "b")}}, order{}, order{})
	s.hear(1, "b")
	s.count(func() int {
		at := s.clocks[1]
		for i := 1; i < len(at); i++ {
			if at[i] < at[i-1] {
				s.Errorf("event %d at %d, %d ns before the last", i, at[i], at[i-1]-at[i])
			}
		}
		return 0
	})
}

// clock is the instant of the node's latest event.
func (s *stage) clock(id engine.NodeID) engine.Instant {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clocks[id][len(s.clocks[id])-1]
}

// "Messages to oneself are FIFO, never lost", Sends as well as Eager.
func selfFIFO(s *stage) {
	s.boot(1)
	var sends, eager []string
	for range 10 {
		var e engine.Effects
		for range 10 {
			sends = append(sends, fmt.Sprintf("send %03d", len(sends)))
			eager = append(eager, fmt.Sprintf("eager %03d", len(eager)))
			e.Sends = append(e.Sends, to(1, sends[len(sends)-1]))
			e.Eager = append(e.Eager, to(1, eager[len(eager)-1]))
		}
		if len(sends)%20 == 0 {
			e.Persists = []engine.Persist{write("log-*", "x")}
		}
		s.do(1, order{effects: e})
	}
	s.hear(1, sends[len(sends)-1], eager[len(eager)-1])
	same(s, "Sends to oneself", s.heardOf(1, "send"), sends)
	same(s, "Eager to oneself", s.heardOf(1, "eager"), eager)
}
