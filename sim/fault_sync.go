package sim

import (
	"time"

	"parallax/sim/fault"
)

// Fault family "slow sync": a group commit takes long.
//
// What it does: the sync lasts up to 100 ms longer. Everything issued
// meanwhile waits for the next one, so the window in which bytes are written but
// not durable, and in which a crash can hit, becomes wide.
//
// What the code must survive: retries, time-outs and duplicates that arrive
// while the first copy is written but not durable.
//
// What it may excuse: delay up to 100 ms per sync.

// slowSync returns how much longer a node's sync takes. It goes by the name of the
// first persist that it covers.
func (w *World) slowSync(n *node) int64 {
	name := n.first
	n.first = 0
	known, ok := w.fires(fault.SlowSync, name)
	if !ok {
		return 0
	}
	w.stats.SlowSyncs++
	ns := w.amount(known, fault.SlowSync, name)
	w.recordNode(opSlowSync, n.id, n.id, name, uint64(ns))
	w.struck(fault.Fault{Family: fault.SlowSync, Name: fault.Name(name), Node: n.name, Lasts: time.Duration(ns)})
	return ns
}
