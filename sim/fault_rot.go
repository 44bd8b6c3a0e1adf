package sim

import "parallax/sim/fault"

// Fault family "bit-rot": a bit of what was durable turns over.
//
// What it does: one bit of one durable byte of one file is inverted; whoever reads it
// next gets the wrong byte and no error. An actor that keeps in memory what it wrote
// does not notice before it starts again. It strikes where enough replicas stay whole,
// see World.Replicas.
//
// What the code must survive: any single wrong bit in any file: it must be noticed by
// the next reader and may not be passed on, and a replica that has lost what it
// promised may not go on as itself.
//
// What it may excuse: unavailability of the replica until it has been made whole.
// Where no replica set bears it: the data of the node.

// strikeRot inverts the bit.
func (w *World) strikeRot(n *node, f *fault.Fault) bool {
	name := uint64(f.Name)
	if f.File == "" {
		file := n.disk.anyFile(w.draw(f.Family, name, 3), 1)
		if file == nil {
			return false
		}
		f.File, f.Offset = file.name, int64(below(w.draw(f.Family, name, 4), uint64(file.durable)))
		f.Amount = 1 << below(w.draw(f.Family, name, 5), 8)
	}
	file := n.disk.findAlike(f.File)
	if file == nil || n.disk.Damage(file.name, f.Offset, byte(f.Amount)) != nil {
		return false
	}
	w.damaged(n, f)
	return true
}
