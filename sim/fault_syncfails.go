package sim

import (
	"time"

	"parallax/sim/fault"
)

// Fault family "sync-fails": a group commit ends with an error.
//
// What it does: at the end of the sync its driver gives up, as the contract demands:
// nothing that waited for it leaves, the process is gone, and of the writes that were
// not durable before anything may be left, as after a crash; what the operating system
// still has in memory after a failed sync is not to be trusted. The node starts again
// 10 ms to 1 s later.
//
// What the code must survive: writes that the disk had accepted and that are gone,
// between two that survived in other files.
//
// What it may excuse: what a crash excuses.

// failSync decides whether the sync that begins now will fail. It goes by the name of
// the first persist that it covers.
func (w *World) failSync(n *node) {
	n.failing = nil
	known, ok := w.fires(fault.SyncFails, n.first)
	if !ok {
		return
	}
	f := &fault.Fault{Family: fault.SyncFails, Name: fault.Name(n.first), Node: n.name}
	f.Lasts = time.Duration(w.amount(known, f.Family, n.first))
	if known != nil {
		f.Losses = known.Losses
	}
	n.failing = f
}

// syncFailed ends a sync that fails, if this one does.
func (w *World) syncFailed(n *node) bool {
	f := n.failing
	if n.failing = nil; f == nil || w.calm {
		return false
	}
	w.crashBy(n, f)
	return true
}
