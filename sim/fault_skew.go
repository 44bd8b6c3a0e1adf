package sim

import (
	"time"

	"parallax/sim/fault"
)

// Fault families "skew" and "drift": a node's clock is ahead of the others, or goes
// faster or slower than they do.
//
// What they do: from its first boot on, and for good, a node's clock shows up to 500 ms
// more than the world's; or it gains or loses up to 5 in 100. Timers go by it. It
// never goes back.
//
// What the code must survive: instants that mean nothing on another node; time-outs
// that are longer here than there; append times that a new leader's clock would put
// before the last one's.
//
// What they may excuse: nothing.

// setClock decides how a node's clock goes. A fault of these families has the node's
// name for its name.
func (w *World) setClock(n *node) {
	if known, ok := w.fires(fault.Skew, n.nameHash); ok {
		ns := w.amount(known, fault.Skew, n.nameHash)
		n.clock.off, n.clock.ahead = true, ns
		w.struckClock(n, fault.Fault{Family: fault.Skew, Lasts: time.Duration(ns)})
	}
	if known, ok := w.fires(fault.Drift, n.nameHash); ok {
		ppm := w.amount(known, fault.Drift, n.nameHash)
		if known != nil {
			ppm = known.Amount
		}
		n.clock.off, n.clock.ppm, n.clock.since = true, ppm, w.now
		w.struckClock(n, fault.Fault{Family: fault.Drift, Amount: ppm})
	}
}

func (w *World) struckClock(n *node, f fault.Fault) {
	f.Name, f.Node = fault.Name(n.nameHash), n.name
	w.recordFault(n, &f, join(uint64(f.Lasts), uint64(f.Amount)))
	w.struck(f)
}
