package sim

import "parallax/engine"

// timer is a keyed timer of an incarnation. It has at most one live entry in the
// queue: one that is set again to a later instant keeps its entry, which moves
// on when it comes up. So a time-out that is put off with every message does not
// fill the queue.
type timer struct {
	armed bool
	due   int64
	seq   uint64 // its generation, and its place among events of one instant

	queued bool
	at     int64 // of the live entry
	entry  uint64

	kind engine.Kind
	data []byte
	hash uint64
}

// setTimer sets or replaces a timer of the step in hand.
func (w *World) setTimer(n *node, t *engine.Timer, ev *event) {
	if w.onSend != nil {
		w.sent("set", ev)
	}
	e := n.timers[t.Key]
	if e == nil {
		e = &timer{}
		n.timers[t.Key] = e
	}
	due := w.now + n.clock.takes(w.now, t.After)
	if due < w.now {
		due = maxInstant // an overflow: not in the time that there is
	}
	e.armed, e.due, e.seq = true, due, w.queue.next()
	e.kind, e.data, e.hash = ev.kind, ev.data, ev.hash
	if !e.queued || e.due < e.at {
		w.queueTimer(n, t.Key, e)
	}
}

// cancelTimer cancels a timer, if it runs; its entry in the queue stays until it
// comes up.
func (n *node) cancelTimer(key uint64) {
	if e := n.timers[key]; e != nil {
		e.armed = false
	}
}

// queueTimer puts the timer's live entry into the queue; an older one is stale.
func (w *World) queueTimer(n *node, key uint64, e *timer) {
	e.queued, e.at, e.entry = true, e.due, e.seq
	ev := w.queue.pushAs(e.due, e.seq)
	ev.op, ev.from, ev.to, ev.boot, ev.key = opTimer, n.id, n.id, n.disk.boot, key
}

// timerDue decides whether a queue entry is its timer's firing, and if so fills
// in the message. The name of the event is the timer's generation from here on
// until the step.
func (w *World) timerDue(n *node, ev *event, at int64, seq uint64) bool {
	e := n.timers[ev.key]
	if e == nil || !e.queued || e.entry != seq {
		return false
	}
	e.queued = false
	if !e.armed {
		delete(n.timers, ev.key)
		return false
	}
	if e.seq != seq {
		w.queueTimer(n, ev.key, e)
		return false
	}
	ev.kind, ev.data, ev.hash, ev.name = e.kind, e.data, e.hash, e.seq
	return true
}

// timerCurrent reports whether a firing that waited in the inbox was neither
// cancelled nor replaced meanwhile.
func (n *node) timerCurrent(ev *event) bool {
	e := n.timers[ev.key]
	return e != nil && e.armed && e.seq == ev.name
}

// timerFires ends a timer whose message is being handed over.
func (n *node) timerFires(ev *event) {
	e := n.timers[ev.key]
	e.armed = false
	if !e.queued {
		delete(n.timers, ev.key)
	}
}
