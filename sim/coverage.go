package sim

import "parallax/sim/fault"

// Active tells which families could strike in this run: those that are switched on, or
// on the list, and have something to hit. Of a family that is active and has never
// struck a run has shown nothing.
func (w *World) Active() [fault.Count]bool {
	active := w.on
	for _, f := range fault.All() {
		if f.Group() == fault.Source {
			active[f] = active[f] && w.sourced[f]
		}
		if f.Damages() && w.opts.Frozen == nil {
			active[f] = active[f] && w.damageables() > 0
		}
	}
	return active
}

// damageables is how many nodes may be damaged.
func (w *World) damageables() int {
	n := 0
	for _, node := range w.nodes {
		if node.damageable {
			n++
		}
	}
	return n
}
