package sim

import "slices"

// Fault family "duplicate": a message between two nodes arrives twice.
//
// What it does: a second copy, in a buffer of its own, arrives up to ReorderMax
// after the first was due, and out of line with what follows on the link: it may
// come before the first copy's successors or long behind them, even to the
// receiver's next incarnation.
//
// What the code must survive: any message handled twice, the second time when
// its sender has long moved on.
//
// What it may excuse: nothing.

// duplicates sends the second copy, if any.
func (w *World) duplicates(ev *event, arrival int64) {
	if !w.fires(familyDuplicate, ev.name, w.opts.Network.Duplicate) {
		return
	}
	w.stats.Duplicated++
	w.recordEvent(opDuplicate, ev)
	late := between(draw(ev.name, 1), 0, w.opts.Network.ReorderMax)
	second := *ev
	second.data = slices.Clone(ev.data)
	second.name = join(ev.name, uint64(familyDuplicate))
	*w.queue.push(arrival + late) = second
}
