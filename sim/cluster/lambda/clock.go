package lambda

import (
	"sort"

	"parallax/engine"
	"parallax/sim"
)

// reading is a moment of the world, and what a node's clock showed at it.
type reading struct{ shown, at engine.Instant }

// clock is what a node's clock showed whenever the node took an event: so what it says of
// time, by a clock that is fast, has jumped or has stood still, can be held against the
// world's. Clocks never go back.
type clock struct{ readings []reading }

// note remembers what the clock shows now.
func (c *clock) note(w *sim.World, id engine.NodeID) {
	shown := w.Shows(id)
	if n := len(c.readings); n == 0 || shown > c.readings[n-1].shown {
		c.readings = append(c.readings, reading{shown, w.Now()})
	}
}

// when is a moment before which the clock had not gone beyond an instant: what the node did
// when its clock showed that, it did then or later. It is the first moment of the last
// reading that is not beyond. ok is false if there is none.
func (c *clock) when(shown engine.Instant) (at engine.Instant, ok bool) {
	n := sort.Search(len(c.readings), func(i int) bool { return c.readings[i].shown > shown })
	if n == 0 {
		return 0, false
	}
	return c.readings[n-1].at, true
}
