package sim

import (
	"parallax/sim/fault"
)

// Fault families "jump" and "freeze": a node's clock leaps, or stands still.
//
// What they do: at an instant a clock goes forward by up to 2 s, and timers that were
// due in between fire at once, late by that clock; or it stands still for up to 1 s, in
// which no timer fires although messages are handled, and goes on from where it stood.
// It never goes back.
//
// What the code must survive: time-outs of which half pass in one moment; a leader
// that, by its own clock, has just heard from everybody; rows that are appended with
// one and the same append time for a second.
//
// What they may excuse: delay as long as the clock stood, or an election.

// strikeJump moves a clock forward.
func (w *World) strikeJump(n *node, f *fault.Fault) bool {
	n.clock.off = true
	n.clock.ahead += int64(f.Lasts)
	if w.now < n.clock.until { // it shows the jump when it goes on
		n.clock.stopped += int64(f.Lasts)
	}
	w.recordFault(n, f, uint64(f.Lasts))
	w.shiftTimers(n, -int64(f.Lasts))
	w.struck(*f)
	return true
}

// strikeFreeze stops a clock for a while.
func (w *World) strikeFreeze(n *node, f *fault.Fault) bool {
	c := &n.clock
	if w.now < c.until {
		return false
	}
	c.stopped, c.until = int64(c.show(w.now)), w.now+int64(f.Lasts)
	c.off = true
	// What it shows at the end is what it shows now: the drift of that while is lost.
	c.ahead -= int64(c.runs(c.until)) - c.stopped
	w.recordFault(n, f, uint64(f.Lasts))
	w.shiftTimers(n, int64(f.Lasts))
	w.struck(*f)
	return true
}
