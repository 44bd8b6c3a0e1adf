package sim

import "parallax/sim/fault"

// Fault family "slow": a message clogs its link.
//
// What it does: the message takes up to 200 ms longer, and everything sent
// after it on the same link queues behind it and then arrives at once.
//
// What the code must survive: silence long enough to fire time-outs, followed by
// a burst of messages that are all older than they look.
//
// What it may excuse: delay up to 200 ms per slow message.

// slows returns how much longer a message takes.
func (w *World) slows(ev *event, stem uint64) int64 {
	known, ok := w.firesAt(fault.Slow, ev, stem)
	if !ok {
		return 0
	}
	w.stats.Slowed++
	w.recordEvent(opSlow, ev)
	ns := w.amount(known, fault.Slow, ev.name)
	w.struckMessage(fault.Slow, ev, ns)
	return ns
}
