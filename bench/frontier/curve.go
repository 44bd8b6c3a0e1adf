package frontier

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// Point is what one delay costs and brings. A pair is a row in one of its windows; a
// window is one of one key.
type Point struct {
	Delay int64 // d, µs

	Rows        int64 // that reached the windows
	RowsBehind  int64 // event time less than the watermark they met
	RowsDropped int64 // dropped from all their windows
	Pairs       int64
	OnTime      int64
	Revised     int64
	Dropped     int64

	Windows    int64
	Incomplete int64 // that lost a pair
	Missing    int64 // that lost all of them
	Fired      int64 // with a pair on time, and before the end of the input

	Latency Latency
	Errors  []float64 // by aggregate; see Trace.Errors
}

// Latency is how long after its end a window that fired did so, in µs of arrival
// time: nearest ranks.
type Latency struct{ P50, P90, P99, Max int64 }

// Completeness is the share of the pairs that are kept.
func (p *Point) Completeness() float64 {
	if p.Pairs == 0 {
		return 1
	}
	return float64(p.Pairs-p.Dropped) / float64(p.Pairs)
}

// seal sorts what was gathered.
func (t *Trace) seal() {
	if t.sealed {
		return
	}
	t.sealed = true
	var s sorter[int64]
	s.sort(t.late)
	s.sort(t.lost)
	t.behind.sort()
	t.windows = t.cells.spans(t.opts.Window)
}

// Delays are those at which the fate of a pair changes, ascending: 0, and every
// whole number of milliseconds with which a pair is counted, or on time, that with
// one millisecond less is not.
func (t *Trace) Delays() []int64 {
	t.seal()
	out := []int64{0}
	add := func(c int64) {
		if c >= 0 {
			out = append(out, (c/1000+1)*1000)
		}
	}
	for _, c := range t.late {
		add(c)
		if t.opts.Allowed > 0 {
			add(c - t.opts.Allowed)
		}
	}
	new(sorter[int64]).sort(out)
	return slices.Compact(out)
}

// Curve gives a point for each delay, in µs; those are not negative.
func (t *Trace) Curve(delays []int64) []Point {
	t.seal()
	most := make([]int64, len(t.windows))
	least := make([]int64, len(t.windows))
	for i := range t.windows {
		most[i], least[i] = t.windows[i].most, t.windows[i].least
	}
	var s sorter[int64]
	s.sort(most)
	s.sort(least)
	w := newWaits(t)
	points := make([]Point, len(delays))
	for i, d := range delays {
		gone := d + t.opts.Allowed
		p := &points[i]
		*p = Point{
			Delay: d, Rows: t.rows, RowsBehind: t.behind.above(d + 1), RowsDropped: above(t.lost, gone),
			Pairs: t.pairs, Dropped: above(t.late, gone), Windows: int64(len(t.windows)),
			Incomplete: above(most, gone), Missing: above(least, gone),
		}
		p.Revised = above(t.late, d) - p.Dropped
		p.OnTime = p.Pairs - p.Revised - p.Dropped
		p.Fired, p.Latency = w.latency(d)
	}
	return points
}

// above counts the values of an ascending list that are at least x.
func above[T int64 | uint32](list []T, x T) int64 {
	return int64(len(list) - sort.Search(len(list), func(i int) bool { return list[i] >= x }))
}

// waits works out how long windows wait.
type waits struct {
	lanes   []timeline
	firings []firing
	places  []placed // by firing: where the last delay found it
	delay   int64
	found   []wait // scratch
}

// placed is where a firing stood with some delay. A greater one finds it farther on.
type placed struct {
	moment finger
	onTime int
}

type wait struct{ latency, windows int64 }

func newWaits(t *Trace) *waits {
	w := &waits{lanes: t.lanes(), firings: firings(t.windows)}
	w.places = make([]placed, len(w.firings))
	return w
}

// latency goes over the windows that end together.
func (w *waits) latency(d int64) (fired int64, l Latency) {
	if d < w.delay {
		clear(w.places)
	}
	w.delay, w.found = d, w.found[:0]
	for i := range w.firings {
		f, p := &w.firings[i], &w.places[i]
		if f.end > math.MaxInt64-d {
			continue
		}
		at, ok := p.moment.seek(&w.lanes[f.lane], f.end+d)
		if !ok {
			continue
		}
		p.onTime = gallop(p.onTime, len(f.least), func(i int) bool { return f.least[i] >= d })
		if p.onTime > 0 {
			w.found = append(w.found, wait{at - f.end, int64(p.onTime)})
			fired += int64(p.onTime)
		}
	}
	if fired == 0 {
		return 0, l
	}
	slices.SortFunc(w.found, func(a, b wait) int { return cmp.Compare(a.latency, b.latency) })
	sum, next := int64(0), 0
	ranks := [...]int64{rank(fired, 50), rank(fired, 90), rank(fired, 99), fired}
	values := [...]*int64{&l.P50, &l.P90, &l.P99, &l.Max}
	for _, f := range w.found {
		sum += f.windows
		for next < len(ranks) && sum >= ranks[next] {
			*values[next] = f.latency
			next++
		}
	}
	return fired, l
}

// rank is the nearest rank of a percentile among n: from 1.
func rank(n, percent int64) int64 { return (n*percent + 99) / 100 }
