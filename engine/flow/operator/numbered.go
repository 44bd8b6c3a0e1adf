package operator

import (
	"cmp"
	"fmt"
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// numbered aggregates rows by key and count window, for which see [window.Count]. It is
// fed and asked like a [Windowed]; the windows of its panes are each key's own, and their
// edges are numbers of rows.
//
// A row's number follows from the rows of its key that are before it by event time, then
// partition, then offset, so that it is known once no more of those can come. A row at t
// of a partition with watermark W is on time iff W <= t, as if its window were [t, t+1);
// else it is dropped and has no number. The operator's own watermark is never ahead of
// that of a row on time: all rows before it are there, and are counted, in order. The
// numbers therefore follow from the log alone, however partitions interleave.
//
// A row waits in an accumulator of its own. When it is counted, that is merged into the
// one of its key's open window, or becomes it, and the row is forgotten. A window fires
// once, on time, when its last row is counted. One that is not full when the input ends
// never does.
type numbered struct {
	timed
	size    int64         // rows of a window
	waits   []waitingRows // by lane
	drops   []Drop
	keys    []numberedKey    // by number
	free    []uint32         // accumulators
	slots   int              // accumulators in use
	open    int              // windows that have rows
	table   *aggregate.Table // group 0 is none
	pending pendingRows
	full    []fullWindow // scratch
	panes   struct {
		keys, groups []uint32
		starts, ends []int64
		table        *aggregate.Table
	}
}

// numberedKey is how many rows of a key have been counted, and the accumulators of those
// that have no full window yet, if there are some. The rows of a key have one watermark,
// so that it is in one lane.
type numberedKey struct {
	counted int64
	open    uint32
}

// fullWindow is a window on its way into a pane.
type fullWindow struct {
	key, slot uint32
	end       int64
}

// newNumbered is an operator without rows. The configuration is a validated plan's, whose
// windows are of a number of rows.
func newNumbered(c Config) *numbered {
	table := aggregate.NewTable(c.Functions)
	table.Grow(1)
	s := &numbered{timed: newTimed(&c), size: c.Window.Size, table: table, pending: pendingRows{table: table}}
	s.waits = make([]waitingRows, len(s.lanes))
	s.panes.table = aggregate.NewTable(c.Functions)
	return s
}

// Drops lists the rows of the last Add that were too late, in their order, until the
// next.
func (s *numbered) Drops() []Drop { return s.drops }

// State measures the operator: windows that have rows, and accumulators, of which there
// is one for each of those and for each row that waits.
func (s *numbered) State() Footprint {
	return Footprint{Windows: s.open, Slots: s.slots, Keys: len(s.keys)}
}

// Add takes the rows of a batch that take part: their frontiers are stamped, keys[row]
// numbers their keys, and keyCount is the number of all keys.
func (s *numbered) Add(b *column.Batch, in *aggregate.Input, keys []uint32, keyCount int) error {
	s.drops = s.drops[:0]
	for len(s.keys) < keyCount {
		s.keys = append(s.keys, numberedKey{})
	}
	s.pending.begin(b, in)
	counts, others := &s.counts[b.Partition], s.others(int(b.Partition))
	number := s.lane(int(b.Partition))
	counted := s.lanes[number].watermark
	selected := b.Selected()
	counts.Rows += int64(selected)
	for i := range selected {
		row := i
		if b.Select != nil {
			row = int(b.Select[i])
		}
		t, mark := b.Times[row], s.mark.Watermark(min(b.Frontiers[row], others))
		switch {
		case t < mark:
			s.drop(b, row, keys[row], mark)
		case t < counted || s.closed:
			return fmt.Errorf("%w: partition %d, offset %d: on time at %d; rows before %d have been counted",
				ErrFrontier, b.Partition, b.Offset+int64(row), t, counted)
		default:
			counts.PairsOnTime++
			slot := s.slot()
			s.waits[number].push(waitingRow{
				time: t, offset: b.Offset + int64(row), partition: b.Partition, key: keys[row], slot: slot,
			})
			s.pending.add(row, slot)
		}
	}
	s.pending.flush()
	return nil
}

// drop leaves a row out that is behind its watermark.
func (s *numbered) drop(b *column.Batch, row int, key uint32, mark int64) {
	counts := &s.counts[b.Partition]
	counts.RowsBehind++
	counts.RowsDropped++
	counts.PairsDropped++
	s.drops = append(s.drops, Drop{
		Partition: b.Partition, Key: key, Offset: b.Offset + int64(row), Time: b.Times[row],
		Watermark: mark, FirstEnd: window.Add(b.Times[row], 1), Dropped: 1, Windows: 1,
	})
}

// slot is an empty accumulator. The table grows to it when rows are flushed.
func (s *numbered) slot() uint32 {
	s.slots++
	if n := len(s.free); n > 0 {
		slot := s.free[n-1]
		s.free = s.free[:n-1]
		return slot
	}
	return uint32(s.slots) // all before it are in use, and 0 is none
}

func (s *numbered) release(slot uint32) {
	s.table.Clear(slot)
	s.free = append(s.free, slot)
	s.slots--
}

// Advance tells a partition's frontier behind the rows added so far, or behind an idle
// record. One that goes back is ignored.
func (s *numbered) Advance(partition int, frontier int64) {
	s.timed.Advance(partition, frontier)
	s.wake(s.lane(partition))
}

// wake makes Next look at a lane in which a row can be counted.
func (s *numbered) wake(number int32) {
	if s.due(number) {
		s.enqueue(number)
	}
}

// due tells whether a lane's first row can be counted: none can come before it.
func (s *numbered) due(number int32) bool {
	rows := s.waits[number].rows
	return len(rows) > 0 && (s.closed || rows[0].time < s.lanes[number].watermark)
}

// Close ends all partitions: every row is counted.
func (s *numbered) Close() {
	s.closed = true
	for p := range s.frontiers {
		s.raise(p, watermark.End)
	}
	for number := range s.lanes {
		s.wake(int32(number))
	}
}

// Next sets p to the next pane that is due, or returns false when none is. The rows of a
// pane are in the order of keys, then numbers. The pane is valid until the next call of a
// method.
func (s *numbered) Next(p *Pane) bool {
	for len(s.queue) > 0 {
		number := s.queue[0]
		s.lanes[number].ready = false
		s.queue = slices.Delete(s.queue, 0, 1)
		s.full = s.full[:0]
		for s.due(number) {
			s.count(s.waits[number].pop())
		}
		if len(s.full) > 0 {
			s.fire(number, p)
			return true
		}
	}
	if s.closed && s.open > 0 {
		s.forget()
	}
	return false
}

// count gives a row its number.
func (s *numbered) count(r waitingRow) {
	k := &s.keys[r.key]
	if k.open == 0 {
		k.open = r.slot
		s.open++
	} else {
		s.table.Merge(k.open, s.table, r.slot)
		s.release(r.slot)
	}
	k.counted++
	if k.counted%s.size == 0 {
		s.full = append(s.full, fullWindow{key: r.key, slot: k.open, end: k.counted})
		k.open = 0
		s.open--
	}
}

// fire makes the pane of the windows that are full.
func (s *numbered) fire(number int32, p *Pane) {
	out := &s.panes
	out.keys, out.groups, out.starts, out.ends = out.keys[:0], out.groups[:0], out.starts[:0], out.ends[:0]
	out.table.Reset()
	out.table.Grow(len(s.full))
	slices.SortFunc(s.full, func(a, b fullWindow) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.end, b.end)) })
	for i, w := range s.full {
		out.keys, out.groups = append(out.keys, w.key), append(out.groups, uint32(i))
		out.starts, out.ends = append(out.starts, w.end-s.size), append(out.ends, w.end)
		out.table.Merge(uint32(i), s.table, w.slot)
		s.release(w.slot)
	}
	*p = Pane{
		Kind: OnTime, Watermark: s.lanes[number].watermark, Keys: out.keys, Groups: out.groups, Table: out.table,
		Starts: out.starts, Ends: out.ends,
	}
}

// forget frees the windows that will never be full.
func (s *numbered) forget() {
	for i := range s.keys {
		if k := &s.keys[i]; k.open != 0 {
			s.release(k.open)
			k.open = 0
			k.counted -= k.counted % s.size
		}
	}
	s.open = 0
}
