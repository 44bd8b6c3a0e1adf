package sim

// Fault family "slow sync": a group commit takes long.
//
// What it does: the sync lasts up to SlowSyncMax longer. Everything issued
// meanwhile waits for the next one, so the window in which bytes are written but
// not durable, and in which a crash can hit, becomes wide.
//
// What the code must survive: retries, time-outs and duplicates that arrive
// while the first copy is written but not durable.
//
// What it may excuse: delay up to SlowSyncMax per sync.

// slowSync returns how much longer the sync takes whose first persist has this
// name.
func (w *World) slowSync(n *node, name uint64) int64 {
	if !w.fires(familySlowSync, name, w.opts.Storage.SlowSync) {
		return 0
	}
	w.stats.SlowSyncs++
	ns := between(draw(name, 1), 1, w.opts.Storage.SlowSyncMax)
	w.recordNode(opSlowSync, n.id, n.id, name, uint64(ns))
	return ns
}
