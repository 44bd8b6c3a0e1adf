package sim

import (
	"slices"

	"parallax/engine"
)

// clock is a node's own monotonic clock: what it shows is the world's instant unless
// a fault says otherwise. It belongs to the machine, so a process that starts again
// finds it as it is.
type clock struct {
	off     bool  // it shows something else than the world's
	ahead   int64 // ns
	ppm     int64 // how many millionths it is faster
	since   int64 // the instant from which on it has been
	stopped int64 // what it shows while it stands still
	until   int64 // the instant up to which it does
}

// show is what the clock shows at an instant of the world.
func (c *clock) show(now int64) engine.Instant {
	switch {
	case !c.off:
		return engine.Instant(now)
	case now < c.until:
		return engine.Instant(c.stopped)
	}
	return c.runs(now)
}

// runs is what the clock shows at an instant at which it does not stand still.
func (c *clock) runs(now int64) engine.Instant {
	return engine.Instant(now + c.ahead + (now-c.since)/1_000_000*c.ppm + (now-c.since)%1_000_000*c.ppm/1_000_000)
}

// takes is how much of the world's time passes while the clock goes on by ns, from an
// instant on.
func (c *clock) takes(now, ns int64) int64 {
	if !c.off {
		return ns
	}
	if c.ppm != 0 {
		ns = ns/(1_000_000+c.ppm)*1_000_000 + ns%(1_000_000+c.ppm)*1_000_000/(1_000_000+c.ppm)
	}
	return ns + max(0, c.until-now)
}

// shiftTimers has the timers of a node come so much later, or earlier, of the world's
// time, because its clock has stood still or jumped.
func (w *World) shiftTimers(n *node, ns int64) {
	keys := make([]uint64, 0, len(n.timers))
	for key, e := range n.timers {
		if e.armed {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		e := n.timers[key]
		if e.due == maxInstant {
			continue
		}
		e.due, e.seq = max(w.now, e.due+ns), w.queue.next()
		if !e.queued || e.due < e.at {
			w.queueTimer(n, key, e)
		}
	}
}
