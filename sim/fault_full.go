package sim

import "parallax/sim/fault"

// Fault family "full": a disk has no room.
//
// What it does: for 200 ms to 1 s no write goes through. A process that wants to write
// is stopped by its driver before anything of the step is carried out, loses what was
// not durable, and is started again twenty times a slot (every 50 ms), until there is
// room. Reading goes on.
//
// What the code must survive: dying at the first write of recovery, again and again,
// with nothing removed in between: removals wait for writes.
//
// What it may excuse: unavailability of the node until there is room, and its start.

// fill fills a node's disk. It strikes when a process wants to write.
func (w *World) fill(n *node, f *fault.Fault) bool {
	n.fullUntil, n.full = max(n.fullUntil, w.now+int64(f.Lasts)), f
	return false
}

// stopped kills a process that wants to write to a full disk.
func (w *World) stopped(n *node) bool {
	if w.now >= n.fullUntil || w.calm || !w.fx.Writes() {
		return false
	}
	if n.full != nil {
		w.struck(*n.full)
		n.full = nil
	}
	w.crash(n, 0, listedLoss(n.disk, nil))
	w.planStart(n, w.now+w.opts.Slot/20)
	return true
}
