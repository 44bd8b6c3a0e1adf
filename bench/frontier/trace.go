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
	late      []int64 // c of the pairs with c >= 0
	lost      []int64 // the least c of each row that has windows, all with c >= 0
	behind    []int64 // F - t of the rows with t < F
	ends      []int64 // scratch
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
		t.frontiers[i] = column.NoFrontier
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
		for row := range b.Times {
			j.row(row)
		}
		t.rows += int64(len(b.Times))
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

// rise notes by which rows the frontier rose.
func (t *Trace) rise(b *Rows) {
	n := len(b.Times)
	line := &t.rises[b.Partition]
	last := line.last()
	for i := range n {
		next := b.After
		if i+1 < n {
			next = b.Frontiers[i+1]
		}
		if next > last {
			last = next
			line.add(moment{next, b.Appends[i]})
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
	lo, hi int64 // the slice at hand: [lo, hi)
}

func (j *judging) row(row int) {
	b := j.b
	t, f := b.Times[row], min(b.Frontiers[row], j.others)
	if t < f {
		j.behind = append(j.behind, window.Sub(f, t))
	}
	if t < j.lo || t >= j.hi {
		j.slice(t)
	}
	if len(j.ends) == 0 {
		return
	}
	j.pairs += int64(len(j.ends))
	j.cells.add(b.Keys[row], j.lane, j.lo, f)
	if f < j.ends[0] {
		return
	}
	c := int64(-1)
	for _, end := range j.ends {
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

// slice moves to the slice of a time.
func (j *judging) slice(t int64) {
	j.lo, j.hi = j.opts.Window.Slice(t)
	j.ends = j.opts.Window.Ends(j.lo, j.ends[:0])
}
