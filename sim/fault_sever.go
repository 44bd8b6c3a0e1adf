package sim

import (
	"parallax/engine"
	"parallax/sim/fault"
)

// Fault families "sever" and "one-way": the network between two nodes is cut for a
// while, in both directions or in one.
//
// What they do: every message that leaves in a cut direction while the cut lasts is
// lost; what is on its way arrives. A cut lasts up to 2 s; cuts of several slots
// overlap. Nodes are not told.
//
// What the code must survive: a peer that hears but cannot answer, a leader cut
// from its followers but not from its clients, any set of such cuts at once.
//
// What they may excuse: unavailability while the nodes needed are cut apart, plus
// the time to notice and repair. Never a lost acknowledgement.

// Sever cuts the direction from → to until Heal or Calm.
func (w *World) Sever(from, to engine.NodeID) {
	w.node(to)
	w.node(from).link(to).cut = true
	w.stats.Severs++
	w.recordNode(opSever, from, to, 0, 0)
}

// SeverBoth cuts both directions between two nodes until Heal or Calm.
func (w *World) SeverBoth(a, b engine.NodeID) {
	w.Sever(a, b)
	w.Sever(b, a)
}

// Heal mends both directions between two nodes.
func (w *World) Heal(a, b engine.NodeID) {
	for _, l := range [...]*link{w.node(a).link(b), w.node(b).link(a)} {
		l.cut, l.cutUntil = false, 0
	}
	w.recordNode(opHeal, a, b, 0, 0)
}

// severed reports whether a cut takes the message.
func (w *World) severed(l *link, ev *event) bool {
	if !l.cut && l.cutUntil <= w.now {
		return false
	}
	w.stats.SeveredMessages++
	w.recordEvent(opCut, ev)
	return true
}

// strikeSever starts a planned cut: of one direction or of both.
func (w *World) strikeSever(from, to *node, f *fault.Fault) bool {
	w.cut(from, to, f)
	if f.Family == fault.Sever {
		w.cut(to, from, f)
	}
	w.struck(*f)
	return true
}

func (w *World) cut(from, to *node, f *fault.Fault) {
	l := from.link(to.id)
	l.cutUntil = max(l.cutUntil, w.now+int64(f.Lasts))
	w.stats.Severs++
	w.recordNode(opSever, from.id, to.id, uint64(f.Name), uint64(f.Lasts))
}
