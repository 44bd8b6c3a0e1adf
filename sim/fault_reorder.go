package sim

// Fault family "reorder": a message falls behind later ones of its link.
//
// What it does: the message arrives up to ReorderMax late while those sent after
// it keep their own time. Links keep their order otherwise.
//
// What the code must survive: effects seen before causes on one link, as after a
// reconnect in the middle of a stream; a message of an old epoch that arrives
// when a newer one is established.
//
// What it may excuse: delay up to ReorderMax.

// reorders returns how late a message comes out of line, 0 for in line.
func (w *World) reorders(ev *event) int64 {
	if !w.fires(familyReorder, ev.name, w.opts.Network.Reorder) {
		return 0
	}
	w.stats.Reordered++
	w.recordEvent(opReorder, ev)
	return between(draw(ev.name, 2), 1, w.opts.Network.ReorderMax)
}
