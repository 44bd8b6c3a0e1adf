package sim

// Fault family "disk": what a crash leaves of writes and removes that were not
// durable. It has no rate of its own; every crash does it.
//
// What it does: of every file, independently of all others, a prefix of the
// unsynced writes survives and at most one more in part: a prefix of its bytes,
// alone or with zeros up to its full length. A file none of whose writes
// survived may exist empty. A removal that took effect but was not synced since
// may be undone. Durable bytes are never touched.
//
// What the code must survive: a torn tail of any length in any file that it was
// writing; a later file complete where an earlier one is torn; files it removed.
//
// What it may excuse: loss of whatever was not durable, and therefore was not
// revealed.

// damage takes a node's disk to the state that its next incarnation finds.
func (w *World) damage(n *node, name uint64) {
	c := n.disk.crash(func(file string, what choice, options int) int {
		h := w.chance(familyDisk, join(join(name, nameHash(file)), uint64(what)))
		return int(below(h, uint64(options)))
	}, nil)
	w.stats.SurvivedWrites += c.survived
	w.stats.LostWrites += c.lost
	w.stats.TornWrites += c.torn
	w.stats.UndoneRemoves += c.undone
	if c != (casualties{}) {
		w.recordNode(opDiskLoss, n.id, n.id, name, join(join(c.survived, c.lost), join(c.torn, c.undone)))
	}
}
