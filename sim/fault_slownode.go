package sim

import "parallax/sim/fault"

// Fault family "slow-node": a processor that is busy with something else.
//
// What it does: for a while every step of a node takes 100 to 2,000 times as long:
// handling a message, the work it charges, what it reads. Its disk and its wires keep
// their speed, and its clock and timers go on.
//
// What the code must survive: a node that answers everything, late; an inbox that
// grows, with time-outs that pass while their answers lie in it; a leader that sends
// heartbeats and gets nothing done.
//
// What it may excuse: delay while it lasts, and until the inbox is worked off.

// strikeSlowNode slows a node down.
func (w *World) strikeSlowNode(n *node, f *fault.Fault) bool {
	if !n.up || n.slowUntil > w.now {
		return false
	}
	if f.Amount == 0 {
		f.Amount = between(w.draw(f.Family, uint64(f.Name), 3), 100, 2000)
	}
	n.slowUntil, n.slowBy = w.now+int64(f.Lasts), f.Amount
	w.recordFault(n, f, join(uint64(f.Lasts), uint64(f.Amount)))
	w.struck(*f)
	return true
}

// slowed is how long a step of ns takes on this node now.
func (n *node) slowed(now, ns int64) int64 {
	if now < n.slowUntil {
		return ns * n.slowBy
	}
	return ns
}
