package watermark

import "math"

// Countdown says when inputs have become idle: an input is when nothing came from
// it for so long, counted from its last record while it is polled. Times are µs of
// processing time and do not go back.
//
// With [Countdown.AtProbes] it is Apache Flink's instead (FLINK-40503): it counts
// from the first look that found the input quiet, and wants more than the length.
type Countdown struct {
	after  int64
	inputs []quiet
	next   int64 // no input is due before; a bound that may be too early
	probes bool
}

// quiet is one input's countdown.
type quiet struct {
	since   int64 // from when it counts; while paused, how much it had counted
	paused  bool
	over    bool
	spoke   bool // at probes: since the last one
	started bool // at probes: since is set
}

// NewCountdown counts for n inputs, from now on, to after µs, at least 1.
func NewCountdown(n int, after, now int64) *Countdown {
	c := &Countdown{after: after, inputs: make([]quiet, n), next: later(now, after)}
	for i := range c.inputs {
		c.inputs[i].since = now
	}
	return c
}

// AtProbes makes a new countdown Flink's: calls of Due are its probes.
func (c *Countdown) AtProbes() { c.probes = true }

// later is now + after, saturating.
func later(now, after int64) int64 {
	if now > math.MaxInt64-after {
		return math.MaxInt64
	}
	return now + after
}

// Record begins an input's countdown anew: something came from it. It ends a
// pause.
func (c *Countdown) Record(input int, now int64) {
	c.inputs[input] = quiet{since: now, spoke: true}
	c.next = min(c.next, later(now, c.after))
}

// Pause stops an input's countdown: it is not polled, so that its silence means
// nothing. Resume lets it go on.
func (c *Countdown) Pause(input int, now int64) {
	if q := &c.inputs[input]; !q.paused {
		q.paused, q.since = true, span(q.since, now)
	}
}

// Resume is explained at Pause.
func (c *Countdown) Resume(input int, now int64) {
	if q := &c.inputs[input]; q.paused {
		q.paused, q.since = false, now-q.since
		c.next = min(c.next, later(q.since, c.after))
	}
}

// IsPaused tells whether an input's countdown is.
func (c *Countdown) IsPaused(input int) bool { return c.inputs[input].paused }

// span is how far to lies behind from, saturating.
func span(from, to int64) int64 {
	if d := uint64(to) - uint64(from); to >= from && d <= math.MaxInt64 {
		return int64(d)
	} else if to >= from {
		return math.MaxInt64
	}
	return 0
}

// Next is a moment before which no countdown ends. Due at that moment moves it on.
func (c *Countdown) Next() int64 { return c.next }

// Ends is the moment at which an input's countdown ends, or has ended, if nothing
// comes; math.MaxInt64 while it is paused.
func (c *Countdown) Ends(input int) int64 {
	if q := &c.inputs[input]; !q.paused {
		return later(q.since, c.after)
	}
	return math.MaxInt64
}

// Due appends the inputs, ascending, whose countdown has ended by now and that it
// has not named since their last record. It costs O(1) while no input can be due.
func (c *Countdown) Due(now int64, inputs []int32) []int32 {
	if c.probes {
		return c.probe(now, inputs)
	}
	if now < c.next {
		return inputs
	}
	c.next = math.MaxInt64
	for i := range c.inputs {
		switch q := &c.inputs[i]; {
		case q.over || q.paused:
		case span(q.since, now) >= c.after:
			q.over = true
			inputs = append(inputs, int32(i))
		default:
			c.next = min(c.next, later(q.since, c.after))
		}
	}
	return inputs
}

// probe is Flink's look at all inputs.
func (c *Countdown) probe(now int64, inputs []int32) []int32 {
	for i := range c.inputs {
		switch q := &c.inputs[i]; {
		case q.paused:
		case q.spoke || !q.started:
			q.started = !q.spoke
			q.spoke, q.since = false, now
		case !q.over && span(q.since, now) > c.after:
			q.over = true
			inputs = append(inputs, int32(i))
		}
	}
	return inputs
}
