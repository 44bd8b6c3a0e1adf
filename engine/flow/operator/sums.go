package operator

import (
	"math"
	"slices"

	"parallax/engine/flow/aggregate"
)

// sumsMin is how many times its step a hopping window must be long to be worth
// running sums: below, merging its slices is less work.
const sumsMin = 4

// sums are the running sums of a lane's windows, so that one that is a thousand
// slices long does not merge a thousand slices each time it fires. They are the
// two stacks of Tangwongsan, Hirzel and Schneider, "In-order sliding-window
// aggregation in worst-case constant time", VLDB Journal 2021, section 3, which
// need no inverse of the functions, over slices with a sum for each key:
//
//	          now = sum of the front             back = sum of these
//	[ gone ][ layer | layer | layer | layer ][ slice | slice | slice ]  not fired
//	        ^ the window begins              ^ until                 ^ and ends
//
// A layer remembers what now is without its slice, of the slice's keys alone, so
// that all layers together are no larger than the slices. Slices that fire for the
// first time are added to back; when the front has been used up, the window's slices
// become the front. A slice that has fired takes no rows on time in the classes that
// fired, so that a sum once made stays right; a class of rows that were late for its
// first windows enters with a later one, to back, or beside the sums if its slice
// belongs to the front. When too much stands beside them, the sums are made anew.
//
// Sums follow from the slices and are no part of the saved state.
type sums struct {
	on        bool // the windows are long enough
	built     bool
	now, back *slab
	until     int64 // slices of the front begin before it
	leaves    int64 // back is of use up to the window that ends here
	layers    []layer
	undo      *aggregate.Table
	keys      []uint32 // of undo's groups
	beside    []entrant
	cost      int       // keys that were merged to make the sums
	waste     int       // and since then from beside
	pending   []entrant // classes that are to enter, or to revise windows that will fire
}

// layer is a slice of the front; the last one leaves first. Its groups in undo are
// those from a number on.
type layer struct {
	last int64 // end of the slice's last window
	from int
}

// entrant is a class that is on time for windows yet to fire.
type entrant struct {
	*slice
	*class
}

// total is the sum of what is on time for the window that ends at end; nil if there
// is nothing. It notes the window's revisions that came early.
func (w *Windowed) total(l *lane, end int64) *slab {
	q := &l.sums
	w.admit(l, end)
	for len(q.layers) > 0 && q.layers[len(q.layers)-1].last < end {
		q.leave()
	}
	if !q.built || end > q.leaves || q.waste > q.cost {
		w.build(l, end)
	}
	q.beside = slices.DeleteFunc(q.beside, func(e entrant) bool { return e.last < end })
	for _, e := range q.beside {
		q.waste += e.table.Groups()
	}
	sources := make([]*slab, 0, 2)
	for _, s := range []*slab{q.now, q.back} {
		if s.table.Groups() > 0 {
			sources = append(sources, s)
		}
	}
	for _, e := range q.beside {
		sources = append(sources, e.slab)
	}
	if len(sources) == 0 {
		return nil
	}
	return w.sum(sources)
}

// admit takes in the classes whose first window on time this is.
func (w *Windowed) admit(l *lane, end int64) {
	q := &l.sums
	stay := q.pending[:0]
	for _, e := range q.pending {
		i, ok := e.index(end, w.window.Every)
		switch {
		case !ok:
			if end < e.first { // its windows are to come
				stay = append(stay, e)
			}
		case e.onTime <= i:
			w.enter(q, e)
		default:
			if e.kept <= i {
				w.panes.keys, w.panes.groups = w.pool.list(e.slab, w.panes.keys[:0], w.panes.groups[:0])
				l.revise(end, w.panes.keys...)
			}
			if end < e.last {
				stay = append(stay, e)
			}
		}
	}
	q.pending = stay
}

func (w *Windowed) enter(q *sums, e entrant) {
	switch {
	case !q.built, w.deaf && e.onTime > 0:
	case e.start < q.until:
		q.beside = append(q.beside, e)
	default:
		w.merge(q.back, e.slab)
		q.leaves = min(q.leaves, e.last)
	}
}

// merge adds one slab to another.
func (w *Windowed) merge(to, from *slab) {
	if from.dense && !to.dense {
		w.pool.densify(to)
	}
	w.panes.keys, w.panes.groups = w.pool.list(from, w.panes.keys[:0], w.panes.groups[:0])
	for i, key := range w.panes.keys {
		to.merge(key, from.table, w.panes.groups[i])
	}
}

// leave takes the front's first slice out of its sum.
func (q *sums) leave() {
	from := q.layers[len(q.layers)-1].from
	q.layers = q.layers[:len(q.layers)-1]
	for at := len(q.keys) - 1; at >= from; at-- {
		group, _ := q.now.find(q.keys[at])
		q.now.table.Clear(group)
		q.now.table.Merge(group, q.undo, uint32(at))
	}
	q.keys = q.keys[:from]
	q.now.holes = true
}

// build makes the slices of the window that ends at end the front.
func (w *Windowed) build(l *lane, end int64) {
	q := &l.sums
	w.forget(q)
	if q.undo == nil {
		q.undo = aggregate.NewTable(w.pool.fns)
	}
	q.undo.Reset()
	dense := w.keys <= w.pool.few
	q.now, q.back = w.pool.take(dense), w.pool.take(dense)
	q.built, q.until, q.leaves = true, end, math.MaxInt64
	for at := len(l.slices) - 1; at >= 0; at-- {
		s := l.slices[at]
		i, ok := s.index(end, w.window.Every)
		if !ok {
			continue
		}
		q.layers = append(q.layers, layer{last: s.last, from: len(q.keys)})
		for _, c := range s.classes {
			if c.onTime <= i {
				w.stack(q, c.slab)
			}
		}
	}
	q.cost = len(q.keys)
}

// stack adds a class to the front's sum, and to the layer on top what the sum was
// before. A key of several classes is there several times.
func (w *Windowed) stack(q *sums, from *slab) {
	at := len(q.keys)
	q.keys, w.panes.groups = w.pool.list(from, q.keys, w.panes.groups[:0])
	q.undo.Grow(len(q.keys))
	if from.dense && !q.now.dense {
		w.pool.densify(q.now)
	}
	for i, key := range q.keys[at:] {
		if group, ok := q.now.find(key); ok {
			q.undo.Merge(uint32(at+i), q.now.table, group)
		}
		q.now.merge(key, from.table, w.panes.groups[i])
	}
}

// forget drops the sums, but not what is to enter them.
func (w *Windowed) forget(q *sums) {
	if q.built {
		w.pool.give(q.now)
		w.pool.give(q.back)
	}
	q.built, q.now, q.back = false, nil, nil
	q.layers, q.keys, q.beside, q.waste = q.layers[:0], q.keys[:0], q.beside[:0], 0
}

// expect notes a class that is on time for windows yet to fire, or revises some.
func (l *lane) expect(s *slice, c *class) {
	l.sums.pending = append(l.sums.pending, entrant{s, c})
}
