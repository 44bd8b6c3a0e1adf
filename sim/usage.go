package sim

import "parallax/engine"

// Usage is what one node has used so far, over all its incarnations.
type Usage struct {
	BusyNs int64  // processor time
	Sent   uint64 // bytes of messages to other nodes, copies that a fault makes not counted
	Wrote  uint64 // bytes persisted
	Read   uint64 // bytes read from its disk
	Stored uint64 // bytes that are durable now

	// Persists are numbered from 1 on over the node's whole life: those up to Durable
	// cannot be lost any more.
	Issued, Durable uint64
}

// Usage tells what a node has used. It changes nothing.
func (w *World) Usage(id engine.NodeID) Usage {
	n := w.node(id)
	u := n.used
	u.Issued, u.Durable = n.disk.issued, n.disk.durable
	for _, f := range n.disk.files {
		if f.visible() {
			u.Stored += uint64(f.durable)
		}
	}
	return u
}

// Durable is Usage.Durable alone, which costs nothing to ask after every event.
func (w *World) Durable(id engine.NodeID) uint64 { return w.node(id).disk.durable }

// Nodes is how many there are; their ids are the numbers from 1 on.
func (w *World) Nodes() int { return len(w.nodes) }

// Name is a node's name.
func (w *World) Name(id engine.NodeID) string { return w.node(id).name }
