package sim

import (
	"parallax/engine"
	"parallax/sim/fault"
)

// Fault family "producer-retry": a producer is not told that its rows are stored.
//
// What it does: the receipt for a batch that the log has taken is lost, as a network
// loses a message. The producer cannot know whether the batch or the receipt is gone,
// and sends the batch again, with whatever it has sent since.
//
// What the code must survive: batches that come a second time, also long after, also to
// another leader than the first time. The log tells them by producer, epoch and
// sequence, and has each once; the receipt comes with the second attempt.
//
// What it may excuse: delay until the producer's own retry. Nothing else.

// receipts is what tells a producer that something is stored.
type receipts struct {
	to   engine.NodeID
	kind engine.Kind
}

// Receipts says by which messages a node learns that what it has sent is stored. The
// family "producer-retry" loses them.
func (w *World) Receipts(to engine.NodeID, kind engine.Kind) {
	w.receipts = append(w.receipts, receipts{to, kind})
	w.sourced[fault.ProducerRetry] = true
}

// unreceipted decides whether a message is a receipt that is lost.
func (w *World) unreceipted(ev *event, stem uint64) bool {
	for _, r := range w.receipts {
		if r.to != ev.to || r.kind != ev.kind {
			continue
		}
		if _, ok := w.firesAt(fault.ProducerRetry, ev, stem); ok {
			w.stats.Dropped++
			w.struckMessage(fault.ProducerRetry, ev, 0)
			w.recordEvent(opDrop, ev)
			return true
		}
	}
	return false
}
