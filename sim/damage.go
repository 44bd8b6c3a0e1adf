package sim

import (
	"fmt"
	"io/fs"
	"slices"

	"parallax/engine"
	"parallax/sim/fault"
)

// Replicas says that some nodes hold the same data, and that faults may damage what is
// durable on all of them but so many: for a quorum, more than half. Which ones is
// decided by hash, once. A node that is in no set is never damaged; with several sets
// the strictest holds. least 0 lets everything be damaged: then data may be destroyed.
func (w *World) Replicas(least int, ids ...engine.NodeID) {
	var set []*node
	for _, id := range ids {
		set = append(set, w.node(id))
	}
	slices.SortFunc(set, func(a, b *node) int {
		x, y := w.chance(saltReplica, a.nameHash), w.chance(saltReplica, b.nameHash)
		if x < y {
			return -1
		}
		return 1
	})
	for i, n := range set {
		n.damageable = i < len(set)-least && (n.damageable || !n.replica)
		n.replica = true
	}
}

// Damaged lists the nodes whose durable data a fault has changed, ascending.
func (w *World) Damaged() []engine.NodeID {
	var list []engine.NodeID
	for _, n := range w.nodes {
		if n.hit {
			list = append(list, n.id)
		}
	}
	return list
}

// damaged notes that a fault has changed what was durable on a node.
func (w *World) damaged(n *node, f *fault.Fault) {
	n.hit = true
	w.recordFault(n, f, join(join(nameHash(f.File), uint64(f.Offset)), uint64(f.Amount)))
	w.struck(*f)
}

// Damage inverts the given bits of one durable byte of a file, as bit rot does:
// whoever reads it next gets the wrong byte and no error. It is the caller's to
// choose a byte at rest; an actor that keeps in memory what it wrote does not
// notice before it starts again.
func (d *Disk) Damage(name string, at int64, bits byte) error {
	f := d.find(name)
	if f == nil || !f.visible() || at < 0 || at >= int64(f.durable) {
		return fmt.Errorf("sim: damage %q at %d: %w", name, at, fs.ErrNotExist)
	}
	f.data[at] ^= bits
	return nil
}

// anyFile is one of the visible files that have at least so many durable bytes, nil if
// there is none.
func (d *Disk) anyFile(h uint64, least int) *file {
	return d.any(h, func(f *file) bool { return f.durable >= least })
}

// any is one of the visible files of a kind, nil if there is none.
func (d *Disk) any(h uint64, is func(*file) bool) *file {
	var list []*file
	for _, f := range d.files {
		if f.visible() && is(f) {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[below(h, uint64(len(list)))]
}

// findAlike is the visible file of a name, or else the first of its class: another run
// may call it by another number.
func (d *Disk) findAlike(name string) *file {
	if f := d.find(name); f != nil && f.visible() {
		return f
	}
	for _, f := range d.files {
		if f.visible() && fileClass(f.name) == fileClass(name) {
			return f
		}
	}
	return nil
}
