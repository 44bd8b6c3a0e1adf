package sim

import "parallax/sim/fault"

// Fault family "clog": a link holds everything back for a while.
//
// What it does: what is sent in one direction between two nodes while the clog lasts
// arrives when it ends, all at once and in order; what was on its way arrives. Several
// links of a node may be clogged at once and come free in another order than they were
// clogged in.
//
// What the code must survive: a peer that falls silent without being gone, and then
// says everything at once, to somebody who has given it up; answers that overtake
// questions by way of a third.
//
// What it may excuse: delay while it lasts.

// strikeClog clogs one direction.
func (w *World) strikeClog(from, to *node, f *fault.Fault) bool {
	l := from.link(to.id)
	l.clogged = max(l.clogged, w.now+int64(f.Lasts))
	w.recordFault(from, f, join(uint64(to.id), uint64(f.Lasts)))
	w.struck(*f)
	return true
}
