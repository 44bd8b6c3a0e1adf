package operator

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// ErrFrontier is returned for rows whose frontiers contradict the watermarks the
// operator was told before: it would count them in windows that have fired.
var ErrFrontier = errors.New("operator: frontiers went back")

// chunkRows is how many rows are classified before their classes are added to.
const chunkRows = 512

// Config is what a Windowed aggregates and when.
type Config struct {
	Window     window.Spec
	Watermark  watermark.Spec
	Late       flow.Late
	Trigger    *trigger.Spec // or nil
	Functions  []aggregate.Function
	Partitions int
	// CountAt is 1 + the index in Functions of a count() that no row is filtered
	// from; 0 if there is none. It spares the operator counting rows itself.
	CountAt int
	// Combined says that rows are stamped, and partitions advanced, with the
	// operator's frontier rather than their partition's.
	Combined bool
}

// Counts is what became of the rows of a partition that reached the windows.
type Counts struct {
	Rows         int64
	RowsBehind   int64 // event time less than the watermark they were judged by
	RowsDropped  int64 // dropped from all their windows, of which they had one at least
	PairsOnTime  int64 // (row, window) pairs
	PairsRevised int64
	PairsDropped int64
}

// Add adds other counts.
func (c *Counts) Add(o Counts) {
	c.Rows += o.Rows
	c.RowsBehind += o.RowsBehind
	c.RowsDropped += o.RowsDropped
	c.PairsOnTime += o.PairsOnTime
	c.PairsRevised += o.PairsRevised
	c.PairsDropped += o.PairsDropped
}

// Drop is a row that came too late for some of its windows. Those windows end at
// FirstEnd, FirstEnd + every, … ; there are Dropped of them, out of Windows.
type Drop struct {
	Partition        int32
	Key              uint32
	Offset           int64
	Time             int64 // event time
	Watermark        int64 // by which the row was judged
	FirstEnd         int64
	Dropped, Windows int32
}

// Windowed aggregates rows by key and window. It is fed batches by Add and
// frontiers by Advance, and asked for finished panes by Next.
type Windowed struct {
	inputs
	window  window.Spec
	lanes   []lane  // one; across own: one for each partition
	queue   []int32 // lanes that may have a pane due
	drops   []Drop
	pool    slabs
	keys    int    // all keys so far
	extent  extent // of the batch to be added, if the caller knows it
	input   aggregate.Input
	lent    *slab
	touched []*class
	scratch []uint32
	panes   struct{ keys, groups []uint32 }
	shift   int64 // planted defect: windows include their end
	deaf    bool  // planted defect: running sums leave out what enters late
	defect  defect
}

// NewWindowed is an operator without rows. The configuration is a validated
// plan's.
func NewWindowed(c Config) *Windowed {
	pool := slabs{fns: c.Functions, at: c.CountAt - 1, few: denseKeys}
	if c.CountAt == 0 {
		count, err := aggregate.New(aggregate.Call{Name: "count"})
		if err != nil {
			panic(err) // count() is there
		}
		pool.fns, pool.at = append(slices.Clip(pool.fns), count), len(c.Functions)
	}
	w := &Windowed{
		window: c.Window, inputs: newInputs(&c),
		pool: pool,
	}
	for range w.laneCount() {
		l := newLane()
		l.sums.on = c.Window.Every > 0 && c.Window.Size/c.Window.Every > sumsMin
		w.lanes = append(w.lanes, l)
	}
	return w
}

// Drops lists the rows of the last Add that were dropped from a window, in their
// order, until the next.
func (w *Windowed) Drops() []Drop { return w.drops }

// Watermark is the one that fires the windows of a partition's rows.
func (w *Windowed) Watermark(partition int) int64 { return w.lane(partition).watermark }

func (w *Windowed) lane(partition int) *lane {
	if len(w.lanes) == 1 {
		return &w.lanes[0]
	}
	return &w.lanes[partition]
}

// Add aggregates the rows of a batch that take part: their frontiers are
// stamped, keys[row] numbers their keys, and keyCount is the number of all keys.
// Nothing fires before Advance.
func (w *Windowed) Add(b *column.Batch, in *aggregate.Input, keys []uint32, keyCount int) error {
	w.settle()
	whole := w.extent
	w.extent = extent{}
	w.keys = keyCount
	w.drops = w.drops[:0]
	n := b.Selected()
	if n == 0 {
		return nil
	}
	r := adding{
		Windowed: w, b: b, in: w.counting(in), keys: keys, lane: w.lane(int(b.Partition)),
		counts: &w.counts[b.Partition], others: w.others(int(b.Partition)),
	}
	r.counts.Rows += int64(n)
	if whole.known && r.whole(0, n, nil, whole) {
		return nil
	}
	for from := 0; from < n; from += chunkRows {
		to := min(n, from+chunkRows)
		var rows []int32
		if b.Select != nil {
			rows = b.Select[from:to]
		}
		if r.whole(from, to, rows, r.extentOf(from, to, rows)) {
			continue
		}
		if err := r.apart(from, to, rows); err != nil {
			return err
		}
	}
	return nil
}

// counting adds to the input what the operator's own count reads: nothing.
func (w *Windowed) counting(in *aggregate.Input) *aggregate.Input {
	if w.pool.at < len(in.Args) {
		return in
	}
	w.input.Batch = in.Batch
	w.input.Args = append(append(w.input.Args[:0], in.Args...), nil)
	w.input.Where = append(append(w.input.Where[:0], in.Where...), nil)
	if in.Where == nil {
		w.input.Where = nil
	}
	return &w.input
}

// adding is one call of Add.
type adding struct {
	*Windowed
	b      *column.Batch
	in     *aggregate.Input
	keys   []uint32
	lane   *lane
	counts *Counts
	others int64
}

// judge is the watermark that decides on a row.
func (r *adding) judge(row int) int64 {
	return r.mark.Watermark(min(r.b.Frontiers[row], r.others))
}

// extentOf walks the listed rows, or [from, to) where none are.
func (r *adding) extentOf(from, to int, rows []int32) extent {
	x := extent{known: true}
	if rows == nil {
		x.lo, x.hi = extremes(r.b.Times[from:to])
		return x
	}
	times := r.b.Times
	x.lo = times[rows[0]]
	x.hi = x.lo
	for _, row := range rows {
		x.lo, x.hi = min(x.lo, times[row]), max(x.hi, times[row])
	}
	return x
}

// whole adds rows at once if they lie in one slice and are on time for all its
// windows, as nearly all rows do; else it leaves everything alone. The rows are
// the listed ones, or [from, to) where none are.
func (r *adding) whole(from, to int, rows []int32, x extent) bool {
	s := r.lane.current
	if s == nil || !s.holds(x.lo) {
		s = r.lane.at(x.lo, r.Windowed)
	}
	last := to - 1
	if rows != nil {
		last = int(rows[len(rows)-1])
	}
	most := r.judge(last) // frontiers do not go back within a batch
	if s.n == 0 || !s.holds(x.hi) || most >= s.first || s.first <= r.lane.fired || r.tooOld(most, x.lo) {
		return false
	}
	c := s.prime
	if c == nil {
		c = r.lane.class(s, 0, 0, &r.pool, r.Windowed.keys)
	}
	r.counts.PairsOnTime += int64(to-from) * int64(s.n)
	if rows == nil {
		c.table.AddRange(r.in, r.pool.groupsOf(c.slab, r.keys[from:to], r.Windowed.keys), from, to)
	} else {
		r.add(c, rows)
	}
	if x.calm || x.lo >= most {
		return true
	}
	for i := range to - from {
		row := from + i
		if rows != nil {
			row = int(rows[i])
		}
		if r.b.Times[row] < r.judge(row) {
			r.counts.RowsBehind++
		}
	}
	return true
}

// add adds listed rows to a class.
func (r *adding) add(c *class, rows []int32) {
	r.scratch = resize(r.scratch, len(rows))
	for i, row := range rows {
		r.scratch[i] = r.keys[row]
	}
	c.table.AddRows(r.in, r.pool.groupsOf(c.slab, r.scratch, r.Windowed.keys), rows)
}

// apart adds rows one by one to the lists of their classes, and then class by
// class: the listed rows, or [from, to) where none are.
func (r *adding) apart(from, to int, rows []int32) error {
	for i := range to - from {
		row := from + i
		if rows != nil {
			row = int(rows[i])
		}
		t, mark := r.b.Times[row], r.judge(row)
		if t < mark {
			r.counts.RowsBehind++
		}
		s := r.lane.current
		if s == nil || !s.holds(t) {
			s = r.lane.at(t, r.Windowed)
		}
		c := s.prime
		if c != nil && mark < s.first && s.first > r.lane.fired && !r.tooOld(mark, t) {
			r.counts.PairsOnTime += int64(s.n)
		} else {
			var err error
			if c, err = r.place(s, row, mark); err != nil {
				return err
			}
		}
		if c == nil {
			continue
		}
		if len(c.rows) == 0 {
			r.touched = append(r.touched, c)
		}
		c.rows = append(c.rows, int32(row))
	}
	r.flush()
	return nil
}

// place judges a row's windows. It returns the row's class, or nil if there is
// nothing to add it to.
func (r *adding) place(s *slice, row int, mark int64) (*class, error) {
	if s.n == 0 {
		return nil, nil
	}
	every := r.window.Every
	onTime := s.closed(mark, every)
	kept := s.closed(window.Sub(mark, r.late.Allowed), every)
	if r.tooOld(mark, r.b.Times[row]) && r.defect != defectLenient {
		onTime, kept = s.n, s.n
	}
	r.counts.PairsOnTime += int64(s.n - onTime)
	r.counts.PairsRevised += int64(onTime - kept)
	r.counts.PairsDropped += int64(kept)
	if kept > 0 {
		r.drops = append(r.drops, Drop{
			Partition: r.b.Partition, Key: r.keys[row], Offset: r.b.Offset + int64(row), Time: r.b.Times[row],
			Watermark: mark, FirstEnd: s.first - r.shift, Dropped: kept, Windows: s.n,
		})
		if kept == s.n {
			r.counts.RowsDropped++
			return nil, nil
		}
	}
	if onTime < s.n && s.end(onTime, every) <= r.lane.fired {
		return nil, fmt.Errorf("%w: partition %d, offset %d: on time for a window that ends at %d; fired are those to %d",
			ErrFrontier, r.b.Partition, r.b.Offset+int64(row), s.end(onTime, every), r.lane.fired)
	}
	for i := kept; i < onTime; i++ {
		if end := s.end(i, every); end <= r.lane.fired {
			r.lane.revise(end, r.keys[row])
			r.Windowed.enqueue(r.lane, r.b.Partition)
		}
	}
	if r.defect == defectMixed {
		onTime = kept
	}
	return r.lane.class(s, onTime, kept, &r.pool, r.Windowed.keys), nil
}

// flush adds the waiting rows of all classes.
func (r *adding) flush() {
	for _, c := range r.touched {
		r.add(c, c.rows)
		c.rows = c.rows[:0]
	}
	r.touched = r.touched[:0]
}
