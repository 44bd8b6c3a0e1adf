package operator

import (
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Kind tells panes apart.
type Kind uint8

// The kinds of panes.
const (
	OnTime     Kind = iota // the window's only pane of rows on time alone
	Revision               // rows on time and revisions
	Retraction             // results that stand no more: sessions that have grown into others, windows over results without any, earlier panes
	Early                  // rows on time, of a window that is not complete
)

// String is the kind's name.
func (k Kind) String() string {
	switch k {
	case OnTime:
		return "on-time"
	case Retraction:
		return "retraction"
	case Early:
		return "early"
	}
	return "revision"
}

// Pane is one firing of a window: the accumulators of some of its keys. A
// revision replaces what earlier panes said about the same keys and windows. A
// pane of sessions, sliding or count windows is of many, and a key may have several. A Retraction
// names keys and windows that stand no more and has nothing else to say: no groups,
// no table. It comes before the revision that holds their rows. Under a trigger whose
// panes are retracting it has what it takes back.
type Pane struct {
	Kind         Kind
	Start, End   int64    // of the window, unless they are each key's own
	Watermark    int64    // that fired it
	Keys         []uint32 // ascending, but those of sessions by their ends first
	Groups       []uint32 // Groups[i] is the group of Keys[i] in Table
	Table        *aggregate.Table
	Starts, Ends []int64          // of sessions, sliding and count windows: Starts[i], Ends[i] belong to Keys[i]
	Records      []trigger.Record // under a trigger: Records[i] belongs to Keys[i]
}

// Window is the window of Keys[i].
func (p *Pane) Window(i int) (start, end int64) {
	if p.Starts == nil {
		return p.Start, p.End
	}
	return p.Starts[i], p.Ends[i]
}

// Advance tells a partition's frontier behind the rows added so far, or behind
// an idle record. One that goes back is ignored.
func (w *Windowed) Advance(partition int, frontier int64) {
	if frontier <= w.frontiers[partition] {
		return
	}
	w.frontiers[partition] = frontier
	w.raise(partition, w.mark.Watermark(frontier))
}

// Close ends all partitions: every open window is due.
func (w *Windowed) Close() {
	w.closed = true
	for p := range w.frontiers {
		w.raise(p, watermark.End)
	}
}

// raise moves the watermark that a partition contributes to.
func (w *Windowed) raise(partition int, mark int64) {
	least, _ := w.least.Advance(partition, mark)
	l := w.lane(partition)
	if len(w.lanes) > 1 {
		least = w.least.Input(partition)
	}
	if least > l.watermark {
		l.watermark = least
		w.enqueue(l, int32(partition))
	}
}

// enqueue makes Next look at a lane, lanes in ascending order.
func (w *Windowed) enqueue(l *lane, partition int32) {
	if l.ready {
		return
	}
	l.ready = true
	if len(w.lanes) == 1 {
		partition = 0
	}
	at, _ := slices.BinarySearch(w.queue, partition)
	w.queue = slices.Insert(w.queue, at, partition)
}

// Next sets p to the next pane that is due, or returns false when none is: first
// the revisions of windows that have fired, then windows in the order of their
// ends, each with the pane on time before the revisions that came early. The
// pane is valid until the next call of a method.
//
// Rows added after Advance and before Next returned false belong to later panes
// only if they are revisions: a window that is due gets no rows on time any
// more.
func (w *Windowed) Next(p *Pane) bool {
	w.settle()
	for len(w.queue) > 0 {
		l := &w.lanes[w.queue[0]]
		if w.step(l, p) {
			return true
		}
		l.ready = false
		w.queue = slices.Delete(w.queue, 0, 1)
	}
	return false
}

// step fires what is due next in a lane, if anything.
func (w *Windowed) step(l *lane, p *Pane) bool {
	for {
		if len(l.revised) > 0 {
			d := l.revised[0]
			l.revised = slices.Delete(l.revised, 0, 1)
			if w.revision(l, d, p) {
				return true
			}
			continue
		}
		w.free(l)
		end, ok := l.due(w.window.Every)
		if !ok {
			l.fired = max(l.fired, l.watermark)
			w.free(l)
			return false
		}
		l.fired = end
		if w.onTime(l, end, p) {
			return true
		}
	}
}

// onTime makes the pane on time of a window, and notes its revisions that came
// early. It returns false if there was no row on time.
func (w *Windowed) onTime(l *lane, end int64, p *Pane) bool {
	if l.sums.on {
		return w.show(l, end, w.total(l, end), p)
	}
	var sources []*slab
	for _, s := range l.slices {
		if s.first > end {
			break
		}
		i, ok := s.index(end, w.window.Every)
		if !ok {
			continue
		}
		for _, c := range s.classes {
			switch {
			case c.onTime <= i:
				sources = append(sources, c.slab)
			case c.kept <= i:
				w.panes.keys, w.panes.groups = w.pool.list(c.slab, w.panes.keys[:0], w.panes.groups[:0])
				l.revise(end, w.panes.keys...)
			}
		}
	}
	switch len(sources) {
	case 0:
		return false
	case 1:
		return w.show(l, end, sources[0], p)
	}
	return w.show(l, end, w.sum(sources), p)
}

// show makes the pane on time of a window, if there is something in it.
func (w *Windowed) show(l *lane, end int64, from *slab, p *Pane) bool {
	if from == nil {
		return false
	}
	w.panes.keys, w.panes.groups = w.pool.sorted(from, w.panes.keys[:0], w.panes.groups[:0])
	w.fill(l, OnTime, end, from.table, p)
	return len(w.panes.keys) > 0
}

// sum merges slabs into one that is lent until the next call.
func (w *Windowed) sum(sources []*slab) *slab {
	dense := false
	for _, s := range sources {
		dense = dense || s.dense
	}
	w.lent = w.pool.take(dense)
	for _, s := range sources {
		w.panes.keys, w.panes.groups = w.pool.list(s, w.panes.keys[:0], w.panes.groups[:0])
		for i, key := range w.panes.keys {
			w.lent.merge(key, s.table, w.panes.groups[i])
		}
	}
	return w.lent
}

// revision makes a revision pane of some keys of a window, which all have rows in
// it: merging what has none changes nothing.
func (w *Windowed) revision(l *lane, d dirty, p *Pane) bool {
	slices.Sort(d.keys)
	keys := slices.Compact(d.keys)
	w.lent = w.pool.take(false)
	for _, s := range l.slices {
		if s.first > d.end {
			break
		}
		i, ok := s.index(d.end, w.window.Every)
		if !ok {
			continue
		}
		for _, c := range s.classes {
			if c.kept > i {
				continue
			}
			for _, key := range keys {
				if group, ok := c.find(key); ok {
					w.lent.merge(key, c.table, group)
				}
			}
		}
	}
	w.panes.keys, w.panes.groups = w.pool.sorted(w.lent, w.panes.keys[:0], w.panes.groups[:0])
	w.fill(l, Revision, d.end, w.lent.table, p)
	return len(w.panes.keys) > 0
}

func (w *Windowed) fill(l *lane, kind Kind, end int64, table *aggregate.Table, p *Pane) {
	*p = Pane{
		Kind: kind, Start: w.window.Start(end) - w.shift, End: end - w.shift, Watermark: l.watermark,
		Keys: w.panes.keys, Groups: w.panes.groups, Table: table,
	}
}

// settle takes back what the last pane lent.
func (w *Windowed) settle() {
	if w.lent != nil {
		w.pool.give(w.lent)
		w.lent = nil
	}
}

// free forgets the slices whose last window takes no revisions any more.
func (w *Windowed) free(l *lane) {
	if len(l.revised) > 0 || w.defect == defectHoard {
		return
	}
	n, allowed := 0, w.late.Allowed
	if w.defect == defectHasty {
		allowed = 0
	}
	for _, s := range l.slices {
		if s.last > l.fired || s.last > window.Sub(l.watermark, allowed) { // a sum could reach the end of time
			break
		}
		for _, c := range s.classes {
			if c == s.prime {
				w.pool.learn(c.slab, w.keys)
			}
			w.pool.give(c.slab)
		}
		if l.current == s {
			l.current = nil
		}
		n++
	}
	if l.slices = slices.Delete(l.slices, 0, n); len(l.slices) == 0 {
		w.forget(&l.sums)
	}
}

// Footprint is how much state an operator holds.
type Footprint struct {
	Windows int // that are open: they have rows and will fire, or may be revised
	Slices  int
	Slots   int // accumulators: one for each key of each class of a slice; not the running sums of long windows, about as many again
	Keys    int // of which the operator knows
}

// State measures the operator.
func (w *Windowed) State() Footprint {
	f := Footprint{Keys: w.keys}
	for i := range w.lanes {
		l := &w.lanes[i]
		f.Slices += len(l.slices)
		var open []int64
		gone := window.Sub(l.watermark, w.late.Allowed)
		for _, s := range l.slices {
			first := s.n // of the windows that rows have come in time for
			for _, c := range s.classes {
				keys, _ := w.pool.list(c.slab, nil, nil)
				f.Slots += len(keys)
				first = min(first, c.kept)
			}
			for at := max(first, s.closed(gone, w.window.Every)); at < s.n; at++ {
				open = append(open, s.end(at, w.window.Every))
			}
		}
		slices.Sort(open)
		f.Windows += len(slices.Compact(open))
	}
	return f
}
