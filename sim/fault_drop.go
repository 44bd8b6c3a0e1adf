package sim

import "parallax/sim/fault"

// Fault family "drop": a message between two nodes is lost.
//
// What it does: the message leaves its sender and arrives nowhere; messages
// before and behind it are not held up. A retry is another occurrence of the
// same name and is decided anew.
//
// What the code must survive: any single message missing, also the last one of
// an exchange, with no notice to either side.
//
// What it may excuse: delay until the sender's own retry. Nothing else.

// drops decides the fate of a message.
func (w *World) drops(ev *event, stem uint64) bool {
	if _, ok := w.firesAt(fault.Drop, ev, stem); !ok {
		return false
	}
	w.stats.Dropped++
	w.struckMessage(fault.Drop, ev, 0)
	w.recordEvent(opDrop, ev)
	return true
}
