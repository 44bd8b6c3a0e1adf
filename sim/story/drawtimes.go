package story

// times is how the event times of a story lie.
type times struct {
	scale    int64 // of everything that is a length of event time
	origin   int64 // the event time of a row that arrives at instant 0 and is in order
	lateness int64 // how late late rows are, at most
	bursts   bool  // many rows have the very same time
	gap      int64 // between rows where each lies exactly so far behind the one before; 0 for no rule
}

// Edges of time that stories are laid at. In Europe the 29th of March 2026 has 23
// hours: it ends an hour before a day is over.
const (
	before1970 = -5_000_000             // crosses 0 in the middle of a story
	longAgo    = -1_000_000_000_000_000 // 1938
	spring2026 = 1_774_742_400_000_000  // 2026-03-29T00:00:00Z
	scaleDays  = 36_000                 // 10 s of arrivals are 100 hours of events
)

func drawTimes(d draws) times {
	t := times{scale: 1, lateness: pick[int64](d, 300_000, 1_000_000, 2_500_000)}
	switch d.IntN(12) {
	case 0:
		t.origin = before1970
	case 1:
		t.origin = longAgo
	case 2:
		t.origin, t.scale = spring2026, scaleDays
	}
	t.bursts = d.chance(8)
	if d.chance(8) {
		t.gap = pick[int64](d, 100_000, 300_000, 1_000_000)
	}
	t.lateness *= t.scale
	return t
}

// near tells whether event times are those of the world's clock, so that a row can
// be ahead of it.
func (t *times) near() bool { return t.origin == 0 && t.scale == 1 }

// of is the event time of the n-th row, which arrives at an instant.
func (t *times) of(d draws, at int64, n int) int64 {
	time := t.origin + at*t.scale
	switch {
	case t.gap > 0:
		time = t.origin + int64(n)*t.gap*t.scale/8
		time -= mod(time-t.origin, t.gap*t.scale)
	case t.bursts && !d.chance(3):
		time -= mod(time-t.origin, 500_000*t.scale)
	}
	switch {
	case d.chance(4):
		time -= d.Int64N(t.lateness)
	case d.chance(30):
		time += d.Int64N(900_000) * t.scale
	}
	return time
}

// mod is t modulo n with the sign of n, which is positive.
func mod(t, n int64) int64 { return (t%n + n) % n }
