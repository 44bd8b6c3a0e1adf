package frontier

import (
	"cmp"
	"math/big"
	"slices"

	"parallax/bench/measure"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

// Errors follows the values of windows over all delays, in a second pass over the
// rows of a [Trace]. The error of a window's value O against the truth T, the value
// with every row, is |O - T| / max(|T|, 1) for numbers (see
// [measure.Error] for everything else); a window that lost all its rows, or whose value is null and should not be,
// has error 1. A point has the mean over all windows, for each aggregate.
type Errors struct {
	trace     *Trace
	frontiers []int64
	fns       []aggregate.Function
	table     *aggregate.Table
	windows   []int           // those that lose a pair at some delay: their place in trace.windows
	at        map[place]int32 // their number, by end, key and lane
	pairs     []latePair
	groups    []uint32 // scratch
	rows      []int32
	ends      []int64
}

// latePair is a pair that is not counted at delay 0.
type latePair struct {
	c      int64
	window int32
	group  uint32 // of its own
}

// Errors begins the second pass, over the same batches.
func (t *Trace) Errors(fns []aggregate.Function) *Errors {
	t.seal()
	e := &Errors{trace: t, frontiers: make([]int64, t.opts.Partitions), fns: fns, table: aggregate.NewTable(fns), at: map[place]int32{}}
	for i := range e.frontiers {
		e.frontiers[i] = column.NoFrontier
	}
	for i := range t.windows {
		if w := &t.windows[i]; w.most >= t.opts.Allowed {
			e.at[place{w.end, w.key, w.lane}] = int32(len(e.windows))
			e.windows = append(e.windows, i)
		}
	}
	e.table.Grow(len(e.windows))
	return e
}

// Add takes the next batch of a partition in; in is what the aggregates read of it.
func (e *Errors) Add(b *Rows, in *aggregate.Input) {
	t := e.trace
	saved := t.frontiers
	t.frontiers = e.frontiers
	others := t.others(b.Partition)
	t.frontiers = saved
	e.groups, e.rows = e.groups[:0], e.rows[:0]
	lane := uint32(0)
	if t.opts.Own {
		lane = uint32(b.Partition)
	}
	lo, hi := int64(0), int64(0)
	one := func(row int) {
		at := b.Times[row]
		if at < lo || at >= hi {
			lo, hi = t.opts.Window.Slice(at)
			e.ends = t.opts.Window.Ends(lo, e.ends[:0])
		}
		for _, end := range e.ends {
			w, ok := e.at[place{end, b.Keys[row], lane}]
			if !ok {
				continue
			}
			group := uint32(w)
			if c := past(min(b.Frontiers[row], others), end); c >= t.opts.Allowed {
				group = uint32(len(e.windows) + len(e.pairs))
				e.pairs = append(e.pairs, latePair{c, w, group})
			}
			e.groups, e.rows = append(e.groups, group), append(e.rows, int32(row))
		}
	}
	if len(e.windows) > 0 {
		if b.Select == nil {
			for row := range b.Times {
				one(row)
			}
		}
		for _, row := range b.Select {
			one(int(row))
		}
	}
	e.frontiers[b.Partition] = max(e.frontiers[b.Partition], b.After)
	e.table.Grow(len(e.windows) + len(e.pairs))
	e.table.AddRows(in, e.groups, e.rows)
}

// Idle takes in an idle record.
func (e *Errors) Idle(partition int, frontier int64) {
	e.frontiers[partition] = max(e.frontiers[partition], frontier)
}

// Fill sets the errors of points whose delays ascend. Kept rows only become more as
// the delay grows, so values are followed by adding. It uses the gathered pairs up.
func (e *Errors) Fill(points []Point) {
	slices.SortStableFunc(e.pairs, func(a, b latePair) int { return cmp.Compare(a.c, b.c) })
	n := len(e.windows)
	truth := aggregate.NewTable(e.fns)
	truth.Grow(n)
	for w := range n {
		truth.Merge(uint32(w), e.table, uint32(w))
	}
	for _, p := range e.pairs {
		truth.Merge(uint32(p.window), e.table, p.group)
	}
	s := sweep{Errors: e, truth: truth, now: make([]float64, n*len(e.fns)), sums: make([]big.Float, len(e.fns))}
	for f := range s.sums {
		s.sums[f].SetPrec(2200) // any sum of float64 is exact
	}
	for w := range n {
		s.renew(w, e.trace.windows[e.windows[w]].least < e.trace.opts.Allowed)
	}
	next := 0
	for i := range points {
		for ; next < len(e.pairs) && e.pairs[next].c < points[i].Delay+e.trace.opts.Allowed; next++ {
			p := &e.pairs[next]
			e.table.Merge(uint32(p.window), e.table, p.group)
			s.renew(int(p.window), true)
		}
		points[i].Errors = s.means(len(e.trace.windows))
	}
}

// sweep is the errors at one delay.
type sweep struct {
	*Errors
	truth *aggregate.Table
	now   []float64 // by window and function
	sums  []big.Float
}

// renew works out a window's errors; some says whether it has any row.
func (s *sweep) renew(w int, some bool) {
	for f := range s.fns {
		err := 1.0
		if some {
			err = measure.Error(s.table.Finish(uint32(w), f), s.truth.Finish(uint32(w), f))
		}
		at := w*len(s.fns) + f
		s.sums[f].Sub(&s.sums[f], big.NewFloat(s.now[at]))
		s.sums[f].Add(&s.sums[f], big.NewFloat(err))
		s.now[at] = err
	}
}

// means are the mean errors over all windows, those that lose nothing included.
func (s *sweep) means(windows int) []float64 {
	out := make([]float64, len(s.fns))
	for f := range out {
		sum, _ := s.sums[f].Float64()
		if windows > 0 {
			out[f] = sum / float64(windows)
		}
	}
	return out
}
