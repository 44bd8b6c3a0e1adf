package sim

import "parallax/engine"

// RestartAt has somebody restart a node at an instant, not before now, as an event of
// its own: the node is killed, as by a crash, and started at once. One that is down is
// started, but for one with a Fatal, about which somebody would have to think. That is
// no fault: it happens whatever strikes.
func (w *World) RestartAt(at engine.Instant, id engine.NodeID) { w.operateAt(at, id, opOperate) }

// ReplaceAt is RestartAt, but the node is started on another machine, of the same name: its
// disk is empty, and what was on the old one is gone for good. Starts go on being counted,
// because whoever gives out the name sees to that.
func (w *World) ReplaceAt(at engine.Instant, id engine.NodeID) { w.operateAt(at, id, opReplace) }

func (w *World) operateAt(at engine.Instant, id engine.NodeID, op op) {
	w.node(id)
	ev := w.queue.push(max(w.now, int64(at)))
	ev.op, ev.key = op, uint64(id)
}

// operate restarts a node, or replaces it.
func (w *World) operate(n *node, op op) {
	w.recordNode(op, n.id, n.id, 0, uint64(n.disk.boot))
	if n.fatal != nil {
		return
	}
	w.Crash(n.id)
	if op == opReplace {
		n.disk.empty()
	}
	w.Restart(n.id)
}

// Retire has somebody take a node out of service for good: its process ends as by a crash,
// and neither faults nor calm start it again. What is on its disk stays, and takes room.
func (w *World) Retire(id engine.NodeID) {
	w.node(id).retired = true
	w.Crash(id)
}

// empty takes everything off a disk whose node is down. Persists go on being counted.
func (d *Disk) empty() {
	*d = Disk{boot: d.boot, issued: d.issued, syncing: d.syncing, durable: d.durable, syncs: d.syncs}
}
