package sim

import "parallax/engine"

// RestartAt has somebody restart a node at an instant, not before now, as an event of
// its own: the node is killed, as by a crash, and started at once. One that is down is
// started, but for one with a Fatal, about which somebody would have to think. That is
// no fault: it happens whatever strikes.
func (w *World) RestartAt(at engine.Instant, id engine.NodeID) {
	w.node(id)
	ev := w.queue.push(max(w.now, int64(at)))
	ev.op, ev.key = opOperate, uint64(id)
}

// operate restarts a node.
func (w *World) operate(n *node) {
	w.recordNode(opOperate, n.id, n.id, 0, uint64(n.disk.boot))
	if n.fatal == nil {
		w.Crash(n.id)
		w.Restart(n.id)
	}
}

// Retire has somebody take a node out of service for good: its process ends as by a crash,
// and neither faults nor calm start it again. What is on its disk stays, and takes room.
func (w *World) Retire(id engine.NodeID) {
	w.node(id).retired = true
	w.Crash(id)
}
