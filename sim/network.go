package sim

import "parallax/engine"

// link is one direction between two nodes.
type link struct {
	last     int64 // arrival of the latest message that kept its place
	cutUntil int64 // severed by a fault until then
	cut      bool  // severed by the user
	clogged  int64 // by a fault: what is sent before then arrives then
}

// link returns a node's link to another.
func (n *node) link(to engine.NodeID) *link {
	for int(to) > len(n.links) {
		n.links = append(n.links, link{})
	}
	return &n.links[to-1]
}

// transmit sends a message at t. The outgoing wire of a node takes one message
// after another; a link delivers in order, except for messages that a fault
// takes out of line.
func (w *World) transmit(n *node, ev *event, t int64) {
	w.stats.Messages++
	w.stats.Bytes += uint64(len(ev.data))
	n.used.Sent += uint64(len(ev.data))
	l := n.link(ev.to)
	w.passing(ev)
	stem := w.stem(ev.name)
	if w.severed(l, ev) || w.drops(ev, stem) || w.unreceipted(ev, stem) {
		return
	}
	o := &w.opts.Network
	n.wireFree = max(n.wireFree, t) + bytesNs(len(ev.data), w.opts.Costs.NetworkBytePs)
	delay := o.DelayMin
	if o.DelayMin != o.DelayMax {
		delay = between(w.chance(saltDelay, ev.name), o.DelayMin, o.DelayMax)
	}
	arrival := n.wireFree + delay
	if w.now < l.clogged {
		arrival = max(arrival, l.clogged)
	}
	w.duplicates(ev, stem, arrival)
	if extra := w.reorders(ev, stem); extra > 0 {
		w.queue.pushEvent(arrival+extra, ev)
		return
	}
	l.last = max(l.last, arrival+w.slows(ev, stem))
	w.queue.pushEvent(l.last, ev)
}
