package sim

import "parallax/engine"

// Fault family "pause": a process stops and wakes up as a zombie.
//
// What it does: for up to PauseMax no step runs. Messages wait in the inbox up
// to its limit, timers fire late, a running sync ends but what waits for it
// leaves only afterwards. Then the process goes on as if nothing had happened,
// with the memory and the beliefs it had; it is not told. It stands for stopped
// containers, long collections of garbage and machines that were moved.
//
// What the code must survive: a leader, worker or client that acts on a term, a
// lease or an epoch that is long over.
//
// What it may excuse: delay while paused.

// Pause stops a node until Resume or Calm. A node that is down cannot be paused.
func (w *World) Pause(id engine.NodeID) { w.pause(w.node(id), 0) }

// Resume lets a paused node go on with what it remembers.
func (w *World) Resume(id engine.NodeID) {
	if n := w.node(id); n.paused {
		w.resume(n)
	}
}

// slotPauses plans the pauses of a slot that starts now.
func (w *World) slotPauses(number uint64) {
	for _, n := range w.nodes {
		name := slotName(n.nameHash, uint64(familyPause), number)
		if w.fires(familyPause, name, w.opts.Process.Pause) {
			h := mix(name + golden)
			ev := w.queue.push(w.now + between(h, 0, w.opts.Slot-1))
			ev.op, ev.to, ev.name = opPause, n.id, name
			ev.key = uint64(between(mix(h), 1, w.opts.Process.PauseMax))
		}
	}
}

// pausePlanned carries out a pause from the queue and plans its end.
func (w *World) pausePlanned(n *node, ev *event) {
	if w.calm || !n.up || n.paused {
		return
	}
	w.pause(n, ev.name)
	end := w.queue.push(w.now + int64(ev.key))
	end.op, end.to, end.boot, end.key = opResume, n.id, n.disk.boot, n.pauses
}

func (w *World) pause(n *node, name uint64) {
	if !n.up || n.paused {
		return
	}
	n.paused = true
	n.pauses++
	w.stats.Pauses++
	w.recordNode(opPause, n.id, n.id, name, 0)
}

func (w *World) resume(n *node) {
	if !n.paused {
		return
	}
	n.paused = false
	w.stats.Zombies++
	w.recordNode(opResume, n.id, n.id, 0, 0)
	if n.owed {
		n.owed = false
		w.releaseDurable(n)
	}
	if n.up {
		w.planWake(n)
	}
}
