package fold

import (
	"errors"
	"fmt"
	"math"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// ErrWay is returned for a plan that is not served by merging.
var ErrWay = errors.New("fold: not mergeable")

// Options are about dropped pairs.
type Options struct {
	// CountDropped takes dropped pairs into the accumulators: what a batch layer does
	// that repairs what was dropped.
	CountDropped bool
	// Refuse has rows refused for which an expression of the plan has no value, instead of
	// ending: they count nowhere, and Refused tells how many there were.
	Refuse bool
}

// Fold is what a plan has counted of some rows.
type Fold struct {
	*front
	count  bool              // dropped pairs, too
	counts []operator.Counts // by partition; not of rows that were merged
	drops  []operator.Drop   // of the last batch
	lanes  []lane            // one; across own: one for each partition
	rows   space             // accumulators of rows, by the classes of slices
	lost   space             // numbers of rows that count nowhere
	merged space             // accumulators that were merged, by windows
	pairs  [][fates]int64    // of merged, by group
	spare  *aggregate.Table  // one group, to merge from

	input   aggregate.Input
	pending waiting // rows of the batch at hand
	losing  waiting // those that count nowhere
	out     output
}

// New is a fold without rows, over so many partitions of which nothing has been read.
// It wants a plan of its own, which it runs, and refuses one that [Choose] does not
// merge.
func New(plan *flow.Plan, partitions int, o Options) (*Fold, error) {
	if way, why := Choose(plan, partitions); way != Merge {
		return nil, fmt.Errorf("%w: %s", ErrWay, why)
	}
	f := &Fold{front: newFront(plan, partitions), count: o.CountDropped}
	if o.Refuse {
		f.path.Refuse()
	}
	f.open()
	return f, nil
}

// Beside is an empty fold that goes on where f's reading is: they share keys, frontiers
// and the plan, so that one batch after the other can be added to the one or the
// other. Whether rows are refused is f's affair.
func (f *Fold) Beside(o Options) *Fold {
	g := &Fold{front: f.front, count: o.CountDropped}
	g.open()
	return g
}

func (f *Fold) open() {
	count, err := aggregate.New(aggregate.Call{Name: "count"})
	if err != nil {
		panic(err) // count() is there
	}
	lost := []aggregate.Function{count}
	counted := f.fns
	if f.countAt == len(f.fns) {
		counted = append(counted[:len(counted):len(counted)], count)
	}
	f.rows = space{table: aggregate.NewTable(counted), move: f.flush}
	f.lost = space{table: aggregate.NewTable(lost), move: f.flush}
	f.merged = space{table: aggregate.NewTable(f.fns), move: func() {}, follow: f.follow}
	lanes := 1
	if f.own {
		lanes = f.partitions
	}
	f.counts = make([]operator.Counts, f.partitions)
	for range lanes {
		f.lanes = append(f.lanes, newLane(f.window))
	}
}

// lane is where the windows of a partition's rows are.
func (f *Fold) lane(partition int32) *lane {
	if f.own {
		return &f.lanes[partition]
	}
	return &f.lanes[0]
}

// Counts is what became of a partition's rows; not of those that were merged.
func (f *Fold) Counts(partition int) operator.Counts { return f.counts[partition] }

// Drops lists the rows of the last batch that were dropped from a window, in their order,
// until the next. Where dropped pairs count, too, they are listed all the same.
func (f *Fold) Drops() []operator.Drop { return f.drops }

// Refused is how many rows of the last batch were refused.
func (f *Fold) Refused() int { return len(f.path.Refusals()) }

// Counted tells which rows of the last batch reached the windows, ascending (nil: all),
// and the number of each one's key, by row.
func (f *Fold) Counted() (rows []int32, keys []uint32) { return f.path.Counted() }

// Add takes the next batch of a partition in: its rows are stamped with the partition's
// frontier, which goes on with them. An error leaves the fold of no further use.
func (f *Fold) Add(b *column.Batch) error {
	in, err := f.path.Front(b)
	if err != nil {
		return err
	}
	return f.add(b.Partition, in)
}

// AddMarked takes rows in that have their frontiers already, in any order. The fold's own
// frontiers have no part in it.
func (f *Fold) AddMarked(b *column.Batch) error {
	in, err := f.path.FrontMarked(b)
	if err != nil {
		return err
	}
	return f.add(b.Partition, in)
}

// chunkRows is how many rows are judged before they are added.
const chunkRows = 1024

// adding is one batch on its way.
type adding struct {
	*Fold
	b      *column.Batch
	lane   *lane
	keys   []uint32
	all    int // keys that are known
	counts *operator.Counts
}

func (f *Fold) add(partition int32, in *aggregate.Input) error {
	b := in.Batch
	n := b.Selected()
	f.drops = f.drops[:0]
	if n == 0 {
		return nil
	}
	if b.Partition < 0 || int(b.Partition) >= f.partitions {
		return fmt.Errorf("%w: %d of %d", operator.ErrPartition, partition, f.partitions)
	}
	_, keys := f.path.Counted()
	f.counting(in)
	a := adding{
		Fold: f, b: b, lane: f.lane(b.Partition), keys: keys, all: f.path.RowKeyer().Len(), counts: &f.counts[b.Partition],
	}
	a.counts.Rows += int64(n)
	for from := 0; from < n; from += chunkRows {
		to := min(n, from+chunkRows)
		switch {
		case b.Select != nil:
			a.apart(from, to, b.Select[from:to])
		case !a.whole(from, to):
			a.apart(from, to, nil)
		}
	}
	return nil
}

// counting makes out what tables read, the fold's own count among it.
func (f *Fold) counting(in *aggregate.Input) {
	f.input.Batch = in.Batch
	f.input.Args = append(f.input.Args[:0], in.Args...)
	f.input.Where = append(f.input.Where[:0], in.Where...)
	if f.countAt == len(f.fns) {
		f.input.Args, f.input.Where = append(f.input.Args, nil), append(f.input.Where, nil)
	}
}

// tooOld tells whether a row is too late whatever its windows, lateness being tested
// per element.
func (a *adding) tooOld(mark, t int64) bool {
	return a.late.PerElement && mark > t && uint64(mark)-uint64(t) > uint64(a.late.Allowed)
}

// whole adds rows [from, to) at once if they lie in one slice and are on time for all
// its windows; else it leaves everything alone.
func (a *adding) whole(from, to int) bool {
	times := a.b.Times[from:to]
	lo, hi := times[0], times[0]
	for _, t := range times {
		lo, hi = min(lo, t), max(hi, t)
	}
	most := int64(math.MinInt64)
	for _, f := range a.b.Frontiers[from:to] {
		most = max(most, f)
	}
	most = a.mark.Watermark(most)
	s := a.lane.at(lo)
	if s.n == 0 || !s.holds(hi) || most >= s.first || a.tooOld(most, lo) {
		return false
	}
	c := s.prime
	if c == nil {
		c = a.lane.class(s, 0, 0, false, &a.rows, a.all)
	}
	a.rows.reserve(&c.cell, a.all)
	if !c.dense {
		return false
	}
	groups := a.pending.groups[:0]
	for _, key := range a.keys[from:to] {
		groups = append(groups, c.base+key)
	}
	a.pending.groups = groups[:0]
	a.counts.PairsOnTime += int64(to-from) * int64(s.n)
	a.rows.table.AddRange(&a.input, groups, from, to)
	if lo < most {
		a.behind(from, to)
	}
	return true
}

// behind counts the rows that are behind their watermark.
func (a *adding) behind(from, to int) {
	for row := from; row < to; row++ {
		if a.b.Times[row] < a.mark.Watermark(a.b.Frontiers[row]) {
			a.counts.RowsBehind++
		}
	}
}

// apart judges rows one by one: the listed ones, or [from, to) where none are.
func (a *adding) apart(from, to int, rows []int32) {
	for i := range to - from {
		row := from + i
		if rows != nil {
			row = int(rows[i])
		}
		t, mark := a.b.Times[row], a.mark.Watermark(a.b.Frontiers[row])
		if t < mark {
			a.counts.RowsBehind++
		}
		s := a.lane.at(t)
		c := s.prime
		if c != nil && mark < s.first && !a.tooOld(mark, t) {
			a.counts.PairsOnTime += int64(s.n)
		} else if c = a.place(s, row, mark); c == nil {
			continue
		}
		to, waiting := &a.rows, &a.pending
		if c.lost {
			to, waiting = &a.lost, &a.losing
		}
		group := to.group(&c.cell, a.keys[row], a.all)
		waiting.groups, waiting.rows = append(waiting.groups, group), append(waiting.rows, int32(row))
	}
	a.flush()
}

// place judges a row's windows and returns its class, or nil if it has no windows.
func (a *adding) place(s *slice, row int, mark int64) *class {
	if s.n == 0 {
		return nil
	}
	t := a.b.Times[row]
	every := a.window.Every
	onTime := s.closed(mark, every)
	kept := s.closed(window.Sub(mark, a.late.Allowed), every)
	if a.tooOld(mark, t) {
		onTime, kept = s.n, s.n
	}
	a.counts.PairsOnTime += int64(s.n - onTime)
	a.counts.PairsRevised += int64(onTime - kept)
	a.counts.PairsDropped += int64(kept)
	if kept > 0 {
		a.drops = append(a.drops, operator.Drop{
			Partition: a.b.Partition, Key: a.keys[row], Offset: a.b.Offset + int64(row), Time: t,
			Watermark: mark, FirstEnd: s.first, Dropped: kept, Windows: s.n,
		})
		if kept == s.n {
			a.counts.RowsDropped++
		}
	}
	in := &a.rows
	lost := kept == s.n && !a.count
	if lost {
		in = &a.lost
	}
	return a.lane.class(s, onTime, kept, lost, in, a.all)
}

// waiting is rows whose groups are known, and which are not in a table yet.
type waiting struct {
	groups []uint32
	rows   []int32
}

// flush adds the rows that wait.
func (f *Fold) flush() {
	if w := &f.pending; len(w.rows) > 0 {
		f.rows.table.AddRows(&f.input, w.groups, w.rows)
		w.groups, w.rows = w.groups[:0], w.rows[:0]
	}
	if w := &f.losing; len(w.rows) > 0 {
		nothing := aggregate.Input{Batch: f.input.Batch, Args: [][]*column.Column{nil}}
		f.lost.table.AddRows(&nothing, w.groups, w.rows)
		w.groups, w.rows = w.groups[:0], w.rows[:0]
	}
}
