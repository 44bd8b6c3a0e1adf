package operator

import (
	"cmp"
	"slices"

	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// slice is a stretch of event time in which no window begins or ends, so that
// all its rows have the same windows: those ending at first, first+every, …,
// last. A row is aggregated once, in its slice; a firing window sums its slices.
type slice struct {
	start       int64
	length      uint64 // so that one unsigned compare tells whether a time is inside
	first, last int64  // ends of the windows; there are n of them
	n           int32
	prime       *class   // the one of rows on time everywhere, if there is one
	classes     []*class // by (onTime, kept), ascending; a lane lists a slice once it has one
}

// class is the rows of a slice that share a fate: they are on time for the
// windows from onTime on, revisions of those from kept on, and dropped from the
// others, windows being numbered from 0 by their ends. Rows in order make one
// class, (0, 0).
type class struct {
	onTime, kept int32
	*slab
	rows []int32 // of the batch at hand, waiting to be added
}

// order is the place of a class among those of its slice.
func (c *class) order() int64 { return int64(c.onTime)<<32 | int64(c.kept) }

// newSlice is the slice around t, without rows.
func newSlice(spec window.Spec, t int64) *slice {
	start, end := spec.Slice(t)
	first, last, n := spec.EndRange(start)
	return &slice{start: start, length: uint64(end) - uint64(start), first: first, last: last, n: int32(n)}
}

// holds tells whether a time lies in the slice.
func (s *slice) holds(t int64) bool { return uint64(t)-uint64(s.start) < s.length }

// closed is how many of the slice's windows end at or before w.
func (s *slice) closed(w, every int64) int32 {
	switch {
	case s.n == 0 || w < s.first:
		return 0
	case w >= s.last:
		return s.n
	}
	return int32((uint64(w)-uint64(s.first))/uint64(every)) + 1
}

// end is the end of the slice's i-th window.
func (s *slice) end(i int32, every int64) int64 { return s.first + int64(i)*every }

// index is the number of the window that ends at e; ok is false if it does not
// contain the slice.
func (s *slice) index(e, every int64) (i int32, ok bool) {
	if s.n == 0 || e < s.first || e > s.last {
		return 0, false
	}
	d := uint64(e) - uint64(s.first)
	if d == 0 { // the only one, of windows that tile time
		return 0, true
	}
	return int32(d / uint64(every)), d%uint64(every) == 0
}

// find is the place of a class among those of the slice.
func (s *slice) find(onTime, kept int32) (at int, found bool) {
	return slices.BinarySearchFunc(s.classes, int64(onTime)<<32|int64(kept), func(c *class, o int64) int {
		return cmp.Compare(c.order(), o)
	})
}

// lane is the open slices that one watermark fires.
type lane struct {
	watermark int64
	fired     int64 // all windows ending up to here have fired
	slices    []*slice
	current   *slice  // the one last used
	revised   []dirty // windows whose revision is due, by end
	ready     bool    // it stands in the operator's queue
	sums      sums
}

// dirty is the keys of a window that have fired and changed since.
type dirty struct {
	end  int64
	keys []uint32 // in any order, perhaps repeated
}

func newLane() lane { return lane{watermark: watermark.None, fired: watermark.None} }

// at is the slice of a time, which becomes the current one. It is not listed
// before it gets a class.
func (l *lane) at(t int64, w *Windowed) *slice {
	if w.defect == defectModulo && t < 0 {
		t += w.window.Every
	}
	i, found := l.search(t)
	if found {
		l.current = l.slices[i]
	} else {
		l.current = newSlice(w.window, t)
	}
	return l.current
}

func (l *lane) search(t int64) (at int, found bool) {
	return slices.BinarySearchFunc(l.slices, t, func(s *slice, t int64) int {
		switch {
		case s.holds(t):
			return 0
		case s.start > t:
			return 1
		}
		return -1
	})
}

// class finds or makes a class of a slice.
func (l *lane) class(s *slice, onTime, kept int32, pool *slabs, keys int) *class {
	at, found := s.find(onTime, kept)
	if found {
		return s.classes[at]
	}
	if len(s.classes) == 0 {
		i, _ := l.search(s.start)
		l.slices = slices.Insert(l.slices, i, s)
	}
	c := &class{onTime: onTime, kept: kept}
	prime := c.order() == 0
	c.slab = pool.take(keys <= pool.few || prime && pool.dense)
	if prime {
		s.prime = c
	}
	s.classes = slices.Insert(s.classes, at, c)
	if l.sums.on {
		l.expect(s, c)
	}
	return c
}

// revise notes that keys of a fired window changed.
func (l *lane) revise(end int64, keys ...uint32) {
	i, found := slices.BinarySearchFunc(l.revised, end, func(d dirty, end int64) int {
		return cmp.Compare(d.end, end)
	})
	if !found {
		l.revised = slices.Insert(l.revised, i, dirty{end: end})
	}
	l.revised[i].keys = append(l.revised[i].keys, keys...)
}

// due is the least end of a window that is to fire.
func (l *lane) due(every int64) (end int64, ok bool) {
	for _, s := range l.slices {
		if s.last <= l.fired {
			continue
		}
		end = s.end(s.closed(l.fired, every), every)
		return end, end <= l.watermark
	}
	return 0, false
}
