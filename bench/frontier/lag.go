package frontier

import (
	"math"
	"slices"

	"parallax/engine/flow/window"
)

// LagPoint is what windows hold that are published at their end + Lag by the clock
// of arrivals, whatever the frontier says. A window is one of one key.
type LagPoint struct {
	Lag      int64 // µs
	Windows  int64
	Complete int64 // of which every row had arrived
	Pairs    int64 // rows, each in every of its windows
	Arrived  int64
}

// Lags is what has to be remembered for that.
type Lags struct {
	spec    window.Spec
	horizon int64
	cells   cells
	waits   []lagPair
	ends    []int64
	last    int64
	done    bool
	most    []int64 // by window: its last row's wait, ascending
	after   []int64 // by pair: how long after the end the row arrived, ascending
}

type lagPair struct{ end, at int64 }

// NewLags is without rows. Windows that end less than the horizon (µs) before the
// last arrival of all are left out.
func NewLags(spec window.Spec, horizon int64) *Lags {
	return &Lags{spec: spec, horizon: horizon, last: math.MinInt64}
}

// Add takes a batch in. Frontiers are not looked at.
func (l *Lags) Add(b *Rows) {
	lo, hi := int64(0), int64(0)
	one := func(row int) {
		t, at := b.Times[row], b.Appends[row]
		if t < lo || t >= hi {
			lo, hi = l.spec.Slice(t)
			l.ends = l.spec.Ends(lo, l.ends[:0])
		}
		if len(l.ends) == 0 {
			return
		}
		l.cells.add(b.Keys[row], 0, lo, at)
		for _, end := range l.ends {
			l.waits = append(l.waits, lagPair{end, at})
		}
	}
	if b.Select == nil {
		for row := range b.Times {
			one(row)
		}
	}
	for _, row := range b.Select {
		one(int(row))
	}
}

// Arrived tells that a row arrived, be it one that no window counts.
func (l *Lags) Arrived(at int64) { l.last = max(l.last, at) }

func (l *Lags) seal() {
	if l.done {
		return
	}
	l.done = true
	kept := func(end int64) bool { return end <= window.Sub(l.last, l.horizon) || l.horizon == 0 }
	for _, w := range l.cells.spans(l.spec) {
		if kept(w.end) {
			l.most = append(l.most, w.most)
		}
	}
	for _, p := range l.waits {
		if kept(p.end) {
			l.after = append(l.after, window.Sub(p.at, p.end))
		}
	}
	slices.Sort(l.most)
	slices.Sort(l.after)
}

// Lags are those at which a row more has arrived: 0, and whole milliseconds above.
func (l *Lags) Lags() []int64 {
	l.seal()
	out := []int64{0}
	for _, a := range l.after {
		if a > 0 {
			out = append(out, (a+999)/1000*1000)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Curve gives a point for each lag, in µs.
func (l *Lags) Curve(lags []int64) []LagPoint {
	l.seal()
	points := make([]LagPoint, len(lags))
	for i, lag := range lags {
		points[i] = LagPoint{
			Lag: lag, Windows: int64(len(l.most)), Pairs: int64(len(l.after)),
			Complete: int64(len(l.most)) - above(l.most, lag+1), Arrived: int64(len(l.after)) - above(l.after, lag+1),
		}
	}
	return points
}
