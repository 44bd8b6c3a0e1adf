package sim

import (
	"slices"

	"parallax/sim/fault"
)

// Fault family "duplicate": a message between two nodes arrives twice.
//
// What it does: a second copy, in a buffer of its own, arrives a while (up to 500 ms)
// after the first was due, and out of line with what follows on the link: it may
// come before the first copy's successors or long behind them, even to the
// receiver's next incarnation.
//
// What the code must survive: any message handled twice, the second time when
// its sender has long moved on.
//
// What it may excuse: nothing.

// duplicates sends the second copy, if any.
func (w *World) duplicates(ev *event, stem uint64, arrival int64) {
	known, ok := w.firesAt(fault.Duplicate, ev, stem)
	if !ok {
		return
	}
	w.stats.Duplicated++
	w.recordEvent(opDuplicate, ev)
	late := w.amount(known, fault.Duplicate, ev.name)
	w.struckMessage(fault.Duplicate, ev, late)
	second := *ev
	second.data = slices.Clone(ev.data)
	second.name = join(ev.name, uint64(fault.Duplicate))
	w.queue.pushEvent(arrival+late, &second)
}
