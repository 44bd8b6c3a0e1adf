package frontier

import (
	"math"

	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// Options say how rows are judged and when windows fire.
type Options struct {
	Window     window.Spec // of fixed edges: tumbling or hopping
	Allowed    int64       // lateness, µs
	Partitions int
	// Operator judges rows by the least frontier over all partitions, and not by
	// their own partition's. Batches must then come in the order of arrival.
	Operator bool
	// Own fires windows by the frontier of the row's own partition.
	Own bool
	// Grain, in µs, says that delays and the edges of windows are multiples of it, so
	// that less has to be remembered; 0 says nothing.
	Grain int64
}

// Trace is what has to be remembered of the rows that arrived. It is fed batch by
// batch and then asked, any number of times.
type Trace struct {
	opts      Options
	frontiers []int64    // by partition
	rises     []timeline // by partition
	cells     cells
	rows      int64
	pairs     int64
	late      []int64    // c of the pairs with c >= 0
	lost      []int64    // the least c of each row that has windows, all with c >= 0
	behind    gaps       // F - t of the rows with t < F
	near      [2]stretch // the slices used last, the later first
	sealed    bool
	windows   []span
}

// Rows is a batch as the windows see it.
type Rows struct {
	Partition int
	Times     []int64  // event time, µs
	Appends   []int64  // arrival, µs; never goes back within a partition
	Frontiers []int64  // the partition's, just before each row
	Select    []int32  // the rows that reached the windows; nil: all
	Keys      []uint32 // by row
	After     int64    // the frontier behind the batch
}

// NewTrace is a trace without rows.
func NewTrace(o Options) *Trace {
	t := &Trace{opts: o, frontiers: make([]int64, o.Partitions), rises: make([]timeline, o.Partitions)}
	for i := range t.frontiers {
		t.frontiers[i], t.rises[i].grain = column.NoFrontier, o.Grain
	}
	return t
}

// Add takes the next batch of a partition in. Nothing of it is kept.
func (t *Trace) Add(b *Rows) {
	t.sealed = false
	t.rise(b)
	j := judging{Trace: t, b: b, others: t.others(b.Partition)}
	if t.opts.Own {
		j.lane = uint32(b.Partition)
	}
	if b.Select == nil {
		j.all()
	} else {
		for _, row := range b.Select {
			j.row(int(row))
		}
		t.rows += int64(len(b.Select))
	}
	t.frontiers[b.Partition] = max(t.frontiers[b.Partition], b.After)
}

// Passed takes in a batch whose rows are counted elsewhere: only its frontier is of
// interest.
func (t *Trace) Passed(b *Rows) {
	t.sealed = false
	t.rise(b)
	t.frontiers[b.Partition] = max(t.frontiers[b.Partition], b.After)
}

// Idle takes in an idle record: the partition's frontier rises without a row.
func (t *Trace) Idle(partition int, frontier, at int64) {
	t.sealed = false
	if frontier <= t.frontiers[partition] {
		return
	}
	t.frontiers[partition] = frontier
	t.rises[partition].add(moment{frontier, at})
}

// stretch is a slice of event time [lo, hi) with the ends of its windows.
type stretch struct {
	lo, hi int64
	ends   []int64
}

// rise notes by which rows the frontier rose.
func (t *Trace) rise(b *Rows) {
	if n := len(b.Times); n > 0 {
		line := &t.rises[b.Partition]
		line.addAll(b.Frontiers[1:n], b.Appends[:n-1])
		if b.After > line.beyond(line.last()) {
			line.add(moment{b.After, b.Appends[n-1]})
		}
	}
}

// others is the least frontier of the other partitions where all of them judge.
func (t *Trace) others(partition int) int64 {
	least := int64(math.MaxInt64)
	if !t.opts.Operator || t.opts.Own {
		return least
	}
	for p, f := range t.frontiers {
		if p != partition {
			least = min(least, f)
		}
	}
	return least
}

// judging is one call of Add.
type judging struct {
	*Trace
	b      *Rows
	others int64
	lane   uint32
}

// all takes every row of the batch in.
func (j *judging) all() {
	times := j.b.Times
	frontiers, keys := j.b.Frontiers[:len(times)], j.b.Keys[:len(times)]
	j.rows += int64(len(times))
	s, others, lane := &j.near[0], j.others, j.lane
	for row, t := range times {
		// Most rows are on time even without a delay, and of the slice and cell of the
		// key's last row: then there is nothing to do but to count.
		f := min(frontiers[row], others)
		if t >= s.lo && t < s.hi && len(s.ends) > 0 && f < s.ends[0] {
			if v := j.cells.recent(keys[row]); v != nil && v.start == s.lo && v.lane == lane {
				if t < f {
					j.behind.add(window.Sub(f, t))
				}
				j.pairs += int64(len(s.ends))
				v.meet(f)
				continue
			}
		}
		j.row(row)
	}
}

func (j *judging) row(row int) {
	b := j.b
	t, f := b.Times[row], min(b.Frontiers[row], j.others)
	if t < f {
		j.behind.add(window.Sub(f, t))
	}
	s := &j.near[0]
	if t < s.lo || t >= s.hi {
		j.slice(t)
	}
	if len(s.ends) == 0 {
		return
	}
	j.pairs += int64(len(s.ends))
	j.cells.add(b.Keys[row], j.lane, s.lo, f)
	if f >= s.ends[0] {
		j.behindWindows(s.ends, f)
	}
}

// behindWindows notes a row of which the first window at least has ended.
func (j *judging) behindWindows(ends []int64, f int64) {
	c := int64(-1)
	for _, end := range ends {
		if end > f {
			c = -1
			break
		}
		c = window.Sub(f, end)
		j.late = append(j.late, c)
	}
	if c >= 0 {
		j.lost = append(j.lost, c)
	}
}

// slice moves to the slice of a time. Late rows go to and fro between two.
func (j *judging) slice(t int64) {
	j.near[0], j.near[1] = j.near[1], j.near[0]
	if s := &j.near[0]; t < s.lo || t >= s.hi {
		s.lo, s.hi = j.opts.Window.Slice(t)
		s.ends = j.opts.Window.Ends(s.lo, s.ends[:0])
	}
}
