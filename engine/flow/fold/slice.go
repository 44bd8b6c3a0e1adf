package fold

import (
	"cmp"
	"math/bits"
	"slices"

	"parallax/engine/flow/window"
)

// slice is a stretch of event time in which no window begins or ends, so that all its
// rows have the same windows.
type slice struct {
	start       int64
	length      uint64 // so that one unsigned compare tells whether a time is inside
	first, last int64  // ends of its windows; there are n of them, numbered from 0 by their ends
	n           int32
	prime       *class // the one of rows on time everywhere, if there is one
	classes     []*class
	listed      bool // among the lane's
}

// class is the rows of a slice that share a fate: they are on time for its windows from
// onTime on, revisions of those from kept on, and dropped from the others.
type class struct {
	cell
	onTime, kept int32
	lost         bool // its rows count in no window: only their number is known
}

// fate is what a class is to the i-th window of its slice.
func (c *class) fate(i int32) fate {
	switch {
	case i >= c.onTime:
		return onTime
	case i >= c.kept:
		return revised
	}
	return dropped
}

// fate is what became of a (row, window) pair.
type fate uint8

const (
	onTime fate = iota
	revised
	dropped
	fates
)

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

// index is the number of the window that ends at e; ok is false if it does not contain
// the slice.
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

// nearSlices is how many slices are found without a look-up, a power of two.
const nearSlices = 1 << 12

// lane is the slices, and the whole windows, of the partitions that one watermark
// completes.
type lane struct {
	spec   window.Spec
	near   []*slice // by a few bits of the time
	shift  int      // below those
	byTime map[int64]*slice
	slices []*slice // those that have a class
	sorted bool     // by start

	whole   map[int64]*whole // by start
	windows []*whole
}

// whole is what was merged into a window.
type whole struct {
	cell
	start, end int64
}

// nearShift makes two or more bits' worth of places for each window of a length.
func nearShift(spec window.Spec) int {
	const day = 86_400_000_000
	width := spec.Every
	if width <= 0 {
		width = day
	}
	return max(0, bits.Len64(uint64(width))-2)
}

func newLane(spec window.Spec) lane {
	return lane{
		spec: spec, near: make([]*slice, nearSlices), shift: nearShift(spec),
		byTime: map[int64]*slice{}, whole: map[int64]*whole{},
	}
}

// at is the slice of a time.
func (l *lane) at(t int64) *slice {
	place := &l.near[uint64(t)>>l.shift&(nearSlices-1)]
	if s := *place; s != nil && s.holds(t) {
		return s
	}
	start, end := l.spec.Slice(t)
	s := l.byTime[start]
	if s == nil {
		first, last, n := l.spec.EndRange(start)
		s = &slice{start: start, length: uint64(end) - uint64(start), first: first, last: last, n: int32(n)}
		l.byTime[start] = s
	}
	*place = s
	return s
}

// class finds or makes a class of a slice, in a job that knows so many keys.
func (l *lane) class(s *slice, onTime, kept int32, lost bool, in *space, keyCount int) *class {
	for _, c := range s.classes {
		if c.onTime == onTime && c.kept == kept {
			return c
		}
	}
	c := &class{onTime: onTime, kept: kept, lost: lost}
	in.open(&c.cell, keyCount)
	if onTime == 0 && kept == 0 {
		s.prime = c
	}
	s.classes = append(s.classes, c)
	if !s.listed {
		s.listed, l.sorted = true, false
		l.slices = append(l.slices, s)
	}
	return c
}

// window finds or makes a whole window.
func (l *lane) window(start, end int64, in *space, keyCount int) *whole {
	w := l.whole[start]
	if w == nil {
		w = &whole{start: start, end: end}
		in.open(&w.cell, keyCount)
		l.whole[start] = w
		l.windows = append(l.windows, w)
		l.sorted = false
	}
	return w
}

// sort puts slices and whole windows in order.
func (l *lane) sort() {
	if l.sorted {
		return
	}
	slices.SortFunc(l.slices, func(a, b *slice) int { return cmp.Compare(a.start, b.start) })
	slices.SortFunc(l.windows, func(a, b *whole) int { return cmp.Compare(a.start, b.start) })
	l.sorted = true
}
