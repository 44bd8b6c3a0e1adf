package sim

// slot plans the faults of one period and the next period's planning. A slot's
// faults depend on its number and on the nodes' names only, so what happens in
// the world moves none of them.
func (w *World) slot(number uint64) {
	if w.calm {
		return
	}
	w.slotCrashes(number)
	w.slotPauses(number)
	w.slotSevers(number)
	ev := w.queue.push(w.now + w.opts.Slot)
	ev.op, ev.key = opSlot, number+1
}
