package sim

// Fault family "slow": a message clogs its link.
//
// What it does: the message takes up to SlowMax longer, and everything sent
// after it on the same link queues behind it and then arrives at once.
//
// What the code must survive: silence long enough to fire time-outs, followed by
// a burst of messages that are all older than they look.
//
// What it may excuse: delay up to SlowMax per slow message.

// slows returns how much longer a message takes.
func (w *World) slows(ev *event) int64 {
	if !w.fires(familySlow, ev.name, w.opts.Network.Slow) {
		return 0
	}
	w.stats.Slowed++
	w.recordEvent(opSlow, ev)
	return between(draw(ev.name, 3), 1, w.opts.Network.SlowMax)
}
