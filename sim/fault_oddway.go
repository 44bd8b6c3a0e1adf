package sim

import (
	"parallax/sim/fault"

	"github.com/zeebo/xxh3"
)

// Fault family "odd-way": the code takes a lawful way that it rarely takes.
//
// What it does: at a place where the code asks (engine.Env.Buggify) it is told to do so:
// a segment ends early, an answer holds one batch, a checkpoint or base is written
// although it is not due.
//
// What the code must survive: what it may do at any time, at a time at which it never
// does.
//
// What it may excuse: nothing.

// hooks are a node's.
type hooks struct {
	w *World
	n *node
}

// Sometimes counts a place that the code has come to. It changes nothing in the run.
func (h hooks) Sometimes(probe string) {
	if h.w.probes == nil {
		h.w.probes = map[string]uint64{}
	}
	h.w.probes[probe]++
}

// Buggify decides whether the code takes the rare way at a place. A decision goes by
// the node, the place and how often that was asked before.
func (h hooks) Buggify(hook string) bool {
	const family = fault.OddWay
	if !h.w.on[family] || h.w.calm {
		return false
	}
	name := join(h.n.nameHash, xxh3.HashString(hook))
	name = join(name, h.w.seen.count(name))
	if _, ok := h.w.fires(family, name); !ok {
		return false
	}
	h.w.struck(fault.Fault{Family: family, Name: fault.Name(name), Node: h.n.name, File: hook})
	return true
}

// Probes are the places that the code has come to so far, and how often. A place that
// is not in it was never come to.
func (w *World) Probes() map[string]uint64 { return w.probes }
