package operator

import (
	"fmt"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// slides aggregates rows by key and sliding window, for which see [window.Slide]. It
// is fed and asked like a [Windowed], but the windows of its panes are each key's own,
// as those of [Sessions] are.
//
// A row of a partition with watermark W counts in a window that ends at e on time iff
// W < e, as a revision iff e <= W < e + allowed, and else not. It makes windows by the
// same measure: the one that ends at it, which it is the first to be late for, and the
// one just after it. So there are two sets of windows, both functions of the log:
//
//   - those on time, which rows on time for them make, hold the rows on time for them.
//     They fire when the operator's own watermark reaches their ends;
//   - final ones, which rows that are not too late for them make, hold the rows that
//     are not. A window is named by its start, and rows only add windows: each window
//     on time is among the final ones, and nothing is ever taken back.
//
// A late row may thus add a window to those that have fired, or be added to some. These
// are shown in a revision; a window that has not fired yet is, too, behind its pane on
// time, if late rows count in it. Rows are counted, and listed when they are dropped,
// by the window that ends at them. A row too late for that may still count in others;
// RowsDropped counts those that do not.
//
// What Kafka Streams drops, since its version 3.3 (KAFKA-13739), is the same by the
// rule "operator" with the grace period allowed: its stream time is the greatest time
// seen, and its ends are those here less the grain.
//
// Rows of a key at one time share an accumulator. A watermark never lets a row on time
// come before one that has entered a window, however disordered rows are, so that the
// rows in a window form a queue: see queueSums. Rows behind their watermark are kept beside
// it, and merged into each window that they count in; a revision is computed from its
// rows. A row's accumulator is freed when the window just after it, the last that it
// decides on, takes no revisions any more.
type slides struct {
	timed
	spec    window.Spec
	marks   []slidingLane // by lane
	drops   []Drop
	keys    []uint32 // by number: the key's first track, or 0
	tracks  []track  // tracks[0] is none
	leaves  []leaf   // leaves[0] is none, and before all times
	free    struct{ tracks, leaves []uint32 }
	table   *aggregate.Table // two groups for each leaf; see rowsOf
	pending pendingRows
	sums    queueSums
	called  []uint32 // scratch
	order   []uint64 // scratch
	panes   struct {
		keys, groups []uint32
		starts, ends []int64
		table        *aggregate.Table
	}
	keyCount int
	single   bool // planted defect: there are no windows just after rows
	mixed    bool // planted defect: revisions count as on time
	hasty    bool // planted defect: rows are freed as soon as their windows have fired
}

// slidingLane is how far a lane has come.
type slidingLane struct {
	fired   int64    // all windows that end by then have
	revised []uint32 // tracks that have windows to be revised
}

// track is what a lane has of a key. Its rows on time are a list of leaves, ascending:
// first those whose windows have all fired, then from head those in the window that
// fired last, then from enter those whose windows have not begun to fire. 0 is the end.
type track struct {
	first, head, enter, last uint32
	turn                     uint32 // of the queue [head, enter); see fifo
	key                      uint32
	next                     uint32 // the key's track in another lane
	lane                     int32
	armed                    bool
	timer                    int64      // if armed
	late                     []lateLeaf // ascending by time, then mark
	dirty                    []int64    // starts of windows to be revised, ascending, different
}

// leaf is the rows on time of a track at one time.
type leaf struct {
	at         int64
	prev, next uint32
}

// lateLeaf is the rows of a track at one time that came behind one watermark; their
// accumulator is a leaf's.
type lateLeaf struct {
	at, mark int64
	leaf     uint32
}

// newSlides is an operator without rows. The configuration is a validated plan's,
// whose windows are sliding.
func newSlides(c Config) *slides {
	table := aggregate.NewTable(c.Functions)
	s := &slides{
		spec: c.Window, timed: newTimed(&c), tracks: make([]track, 1), leaves: []leaf{{at: column.NoFrontier}},
		table: table, pending: pendingRows{table: table}, sums: newQueueSums(c.Functions),
	}
	s.panes.table = aggregate.NewTable(c.Functions)
	s.marks = make([]slidingLane, len(s.lanes))
	for i := range s.marks {
		s.marks[i].fired = column.NoFrontier
	}
	return s
}

// Drops lists the rows of the last Add that were too late for the window that ends at
// them, in their order, until the next.
func (s *slides) Drops() []Drop { return s.drops }

// State measures the operator. Every time that it keeps rows of counts as a window,
// the one that ends there, and has an accumulator.
func (s *slides) State() Footprint {
	live := len(s.leaves) - 1 - len(s.free.leaves)
	return Footprint{Windows: live, Slots: live, Keys: s.keyCount}
}

// Add aggregates the rows of a batch that take part: their frontiers are stamped,
// keys[row] numbers their keys, and keyCount is the number of all keys.
func (s *slides) Add(b *column.Batch, in *aggregate.Input, keys []uint32, keyCount int) error {
	s.drops = s.drops[:0]
	s.keyCount = keyCount
	for len(s.keys) < keyCount {
		s.keys = append(s.keys, 0)
	}
	s.pending.begin(b, in)
	r := sliding{
		slides: s, b: b, keys: keys, number: s.lane(int(b.Partition)), counts: &s.counts[b.Partition],
		others: s.others(int(b.Partition)),
	}
	r.lane, r.fired = &s.lanes[r.number], s.marks[r.number].fired
	r.counts.Rows += int64(b.Selected())
	if err := r.all(); err != nil {
		return err
	}
	s.pending.flush()
	return nil
}

// sliding is one call of Add.
type sliding struct {
	*slides
	b      *column.Batch
	keys   []uint32
	number int32 // of the lane
	lane   *timedLane
	counts *Counts
	others int64
	fired  int64
}

// all finds the leaves of all rows. Nearly all are their partition's greatest in time
// so far, hence on time, and their key's greatest, too.
func (r *sliding) all() error {
	n, selected := r.b.Selected(), r.b.Select
	times, frontiers, every := r.b.Times, r.b.Frontiers, r.spec.Every
	edge := r.spec.Size + every
	least, most := max(r.fired, column.NoFrontier+edge), 1<<63-1-edge
	u, onTime := column.NoFrontier, int64(0)
	tracks := r.tracks
	for i := range n {
		row := i
		if selected != nil {
			row = int(selected[i])
		}
		t := times[row]
		if t >= frontiers[row] && t >= least && t <= most {
			if uint64(t)-uint64(u) >= uint64(every) {
				u, _ = r.spec.Grid(t)
			}
			number := r.slides.keys[r.keys[row]]
			tr := &tracks[number]
			if last := tr.last; last != 0 && tr.lane == r.number && r.leaves[last].at <= u {
				onTime++
				if r.leaves[last].at < u {
					last = r.push(number, u)
				}
				r.pending.add(row, rowsOf(last))
				continue
			}
		}
		if err := r.take(row); err != nil {
			return err
		}
		tracks = r.tracks
	}
	r.counts.PairsOnTime += onTime
	return nil
}

// take finds a row's leaf. Rows wait for the table until they are flushed.
func (r *sliding) take(row int) error {
	t := r.b.Times[row]
	mark := r.mark.Watermark(min(r.b.Frontiers[row], r.others))
	if t < mark {
		r.counts.RowsBehind++
	}
	u, ok := r.spec.Grid(t)
	if !ok {
		return nil
	}
	if mark < r.fired && r.spec.End(r.spec.Enters(u, mark)) <= r.fired {
		return fmt.Errorf("%w: partition %d, offset %d: on time at %d; windows that end by %d have fired",
			ErrFrontier, r.b.Partition, r.b.Offset+int64(row), t, r.fired)
	}
	if mark < u+r.spec.Every && !r.tooOld(mark, t) {
		r.counts.PairsOnTime++
		r.pending.add(row, rowsOf(r.insert(r.track(r.keys[row], r.number), u)))
		return nil
	}
	r.revise(row, u, mark)
	return nil
}

// revise takes in a row that is too late for the window that ends at it, or altogether.
func (r *sliding) revise(row int, u, mark int64) {
	own, size, allowed := u+r.spec.Every, r.spec.Size, r.late.Allowed
	old := r.tooOld(mark, r.b.Times[row])
	if !old && watermark.Classify(mark, own, allowed) == watermark.Revision {
		r.counts.PairsRevised++
	} else {
		r.counts.PairsDropped++
		r.drops = append(r.drops, Drop{
			Partition: r.b.Partition, Key: r.keys[row], Offset: r.b.Offset + int64(row), Time: r.b.Times[row],
			Watermark: mark, FirstEnd: own, Dropped: 1, Windows: 1,
		})
		if old || watermark.Classify(mark, u+size, allowed) == watermark.Dropped {
			r.counts.RowsDropped++
		}
	}
	if old || watermark.Classify(mark, own+size, allowed) == watermark.Dropped {
		return // too late for the window just after it, too
	}
	n := r.track(r.keys[row], r.number)
	r.pending.add(row, rowsOf(r.lateLeaf(n, u, mark)))
	r.touch(n, u, mark)
	r.watch(n)
}

// touch notes which of the windows that have fired a late row changes: those that it
// counts in as a revision, and those that it makes.
func (r *sliding) touch(n uint32, u, mark int64) {
	t, before := &r.tracks[n], len(r.tracks[n].dirty)
	from := r.spec.Enters(u, window.Sub(mark, r.late.Allowed))
	to := min(u, r.spec.Enters(u, mark)-r.spec.Every)
	note := func(start int64) {
		if start >= from && start <= to && r.spec.End(start) <= r.fired {
			t.revise(start)
		}
	}
	for l := t.last; l != 0 && r.leaves[l].at >= from-r.spec.Every; l = r.leaves[l].prev {
		note(r.spec.Own(r.leaves[l].at))
		note(r.spec.After(r.leaves[l].at))
	}
	for i := range t.late {
		own, after := r.made(&t.late[i])
		if own != watermark.Dropped {
			note(r.spec.Own(t.late[i].at))
		}
		if after != watermark.Dropped {
			note(r.spec.After(t.late[i].at))
		}
	}
	if after := r.spec.After(u); r.spec.End(after) <= r.fired {
		t.revise(after)
	}
	if before == 0 && len(t.dirty) > 0 {
		r.marks[r.number].revised = append(r.marks[r.number].revised, n)
		r.enqueue(r.number)
	}
}
