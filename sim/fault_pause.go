package sim

import (
	"parallax/engine"
	"parallax/sim/fault"
)

// Fault family "pause": a process stops and wakes up as a zombie.
//
// What it does: for up to 2 s no step runs. Messages wait in the inbox up
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

// strikePause carries out a planned pause and plans its end.
func (w *World) strikePause(n *node, f *fault.Fault) bool {
	if !n.up || n.paused {
		return false
	}
	w.pause(n, uint64(f.Name))
	end := w.queue.push(w.now + int64(f.Lasts))
	end.op, end.to, end.boot, end.key = opResume, n.id, n.disk.boot, n.pauses
	w.struck(*f)
	return true
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
