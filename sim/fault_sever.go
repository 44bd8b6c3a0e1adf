package sim

import "parallax/engine"

// Fault family "sever": the network between two nodes is cut for a while.
//
// What it does: every message that leaves in the cut direction while the cut
// lasts is lost; what is on its way arrives. One cut in three is one-way in
// either direction, one in three is full. A cut lasts up to SeverMax; cuts of
// several slots overlap. Nodes are not told.
//
// What the code must survive: a peer that hears but cannot answer, a leader cut
// from its followers but not from its clients, any set of such cuts at once.
//
// What it may excuse: unavailability while the nodes needed are cut apart, plus
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

// slotSevers plans the cuts of a slot that starts now.
func (w *World) slotSevers(number uint64) {
	for i, a := range w.nodes {
		for _, b := range w.nodes[:i] {
			// The pair's name does not depend on who was booted first.
			lo, hi := min(a.nameHash, b.nameHash), max(a.nameHash, b.nameHash)
			name := slotName(lo, hi, number)
			if !w.fires(familySever, name, w.opts.Network.Sever) {
				continue
			}
			x, y := a, b
			if x.nameHash != lo {
				x, y = y, x
			}
			h := mix(name + golden)
			at := w.now + between(h, 0, w.opts.Slot-1)
			lasts := uint64(between(mix(h), 1, w.opts.Network.SeverMax))
			kind := below(draw(h, 1), 3)
			if kind != 0 {
				w.planSever(x, y, at, lasts, name)
			}
			if kind != 1 {
				w.planSever(y, x, at, lasts, name)
			}
		}
	}
}

func (w *World) planSever(from, to *node, at int64, lasts, name uint64) {
	ev := w.queue.push(at)
	ev.op, ev.from, ev.to, ev.key, ev.name = opSever, from.id, to.id, lasts, name
}

// severPlanned starts a cut.
func (w *World) severPlanned(ev *event) {
	if w.calm {
		return
	}
	l := w.node(ev.from).link(ev.to)
	l.cutUntil = max(l.cutUntil, w.now+int64(ev.key))
	w.stats.Severs++
	w.recordNode(opSever, ev.from, ev.to, ev.name, ev.key)
}
