package sim

import "parallax/sim/fault"

// Fault family "reorder": a message falls behind later ones of its link.
//
// What it does: the message arrives up to 100 ms late while those sent after
// it keep their own time. Links keep their order otherwise.
//
// What the code must survive: effects seen before causes on one link, as after a
// reconnect in the middle of a stream; a message of an old epoch that arrives
// when a newer one is established.
//
// What it may excuse: delay up to 100 ms.

// reorders returns how late a message comes out of line, 0 for in line.
func (w *World) reorders(ev *event, stem uint64) int64 {
	known, ok := w.firesAt(fault.Reorder, ev, stem)
	if !ok {
		return 0
	}
	w.stats.Reordered++
	w.recordEvent(opReorder, ev)
	ns := w.amount(known, fault.Reorder, ev.name)
	w.struckMessage(fault.Reorder, ev, ns)
	return ns
}
