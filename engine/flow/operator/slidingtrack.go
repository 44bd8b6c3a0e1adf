package operator

import (
	"cmp"
	"math"
	"slices"

	"parallax/engine/flow/watermark"
)

// track is what a lane has of a key, made if it has nothing yet.
func (s *slides) track(key uint32, lane int32) uint32 {
	for n := s.keys[key]; n != 0; n = s.tracks[n].next {
		if s.tracks[n].lane == lane {
			return n
		}
	}
	v := track{key: key, lane: lane, next: s.keys[key]}
	var n uint32
	if last := len(s.free.tracks) - 1; last >= 0 {
		n = s.free.tracks[last]
		s.free.tracks = s.free.tracks[:last]
		old := &s.tracks[n]
		v.late, v.dirty = old.late[:0], old.dirty[:0]
		*old = v
	} else {
		n = uint32(len(s.tracks))
		s.tracks = append(s.tracks, v)
	}
	s.keys[key] = n
	return n
}

// drop forgets a track without rows.
func (s *slides) drop(n uint32) {
	at := &s.keys[s.tracks[n].key]
	for *at != n {
		at = &s.tracks[*at].next
	}
	*at = s.tracks[n].next
	s.tracks[n].armed = false
	s.free.tracks = append(s.free.tracks, n)
}

// leaf makes a leaf that is in no list.
func (s *slides) leaf(at int64) uint32 {
	if last := len(s.free.leaves) - 1; last >= 0 {
		n := s.free.leaves[last]
		s.free.leaves = s.free.leaves[:last]
		s.leaves[n] = leaf{at: at}
		return n
	}
	s.leaves = append(s.leaves, leaf{at: at})
	return uint32(len(s.leaves) - 1)
}

// push appends a leaf to a track, behind all others.
func (s *slides) push(n uint32, u int64) uint32 {
	l := s.leaf(u)
	t := &s.tracks[n]
	s.leaves[l].prev = t.last
	if t.last != 0 {
		s.leaves[t.last].next = l
	} else {
		t.first = l
	}
	t.last = l
	if t.enter == 0 {
		t.begin(l, 0)
		s.watch(n)
	}
	return l
}

// begin makes l the first leaf that has not entered, in the place of another.
func (t *track) begin(l, instead uint32) {
	if t.head == instead {
		t.head = l
	}
	if t.turn == instead {
		t.turn = l
	}
	t.enter = l
}

// insert is a track's leaf of rows on time at u, made if there is none. Nothing on time
// comes before what has entered.
func (s *slides) insert(n uint32, u int64) uint32 {
	t := &s.tracks[n]
	at := t.last
	for at != 0 && s.leaves[at].at > u {
		at = s.leaves[at].prev
	}
	if at != 0 && s.leaves[at].at == u {
		return at
	}
	if at == t.last {
		return s.push(n, u)
	}
	l := s.leaf(u)
	next := t.first
	if at != 0 {
		next = s.leaves[at].next
		s.leaves[at].next = l
	} else {
		t.first = l
	}
	s.leaves[l].prev, s.leaves[l].next, s.leaves[next].prev = at, next, l
	if next == t.enter {
		t.begin(l, next)
		s.watch(n)
	}
	return l
}

// lateLeaf is the leaf of a track's rows at u behind a watermark.
func (s *slides) lateLeaf(n uint32, u, mark int64) uint32 {
	t := &s.tracks[n]
	at, ok := slices.BinarySearchFunc(t.late, lateLeaf{at: u, mark: mark}, lateLeaf.compare)
	if !ok {
		t.late = slices.Insert(t.late, at, lateLeaf{at: u, mark: mark, leaf: s.leaf(u)})
	}
	return t.late[at].leaf
}

func (l lateLeaf) compare(m lateLeaf) int {
	return cmp.Or(cmp.Compare(l.at, m.at), cmp.Compare(l.mark, m.mark))
}

// made is by which measure late rows make the window that ends at them, and the one
// just after them.
func (s *slides) made(l *lateLeaf) (own, after watermark.Class) {
	end := l.at + s.spec.Every
	return watermark.Classify(l.mark, end, s.late.Allowed), watermark.Classify(l.mark, end+s.spec.Size, s.late.Allowed)
}

// countsIn is by which measure late rows count in a window that holds their time.
func (s *slides) countsIn(l *lateLeaf, start int64) watermark.Class {
	class := watermark.Classify(l.mark, s.spec.End(start), s.late.Allowed)
	if s.mixed && class == watermark.Revision {
		return watermark.OnTime
	}
	return class
}

// holds tells whether a window holds a time.
func (s *slides) holds(start, at int64) bool { return start <= at && at <= start+s.spec.Difference() }

// revise notes a window that is to be shown anew.
func (t *track) revise(start int64) {
	if at, ok := slices.BinarySearch(t.dirty, start); !ok {
		t.dirty = slices.Insert(t.dirty, at, start)
	}
}

// over tells whether a leaf at a time is of no use any more: the window just after it
// takes no revisions.
func (s *slides) over(at int64, l *timedLane) bool {
	allowed := s.late.Allowed
	if s.hasty {
		allowed = 0
	}
	return s.closed || watermark.Classify(l.watermark, at+s.spec.Every+s.spec.Size, allowed) == watermark.Dropped
}

// rest frees what is of no use any more of a track, unless a revision is still to be
// made of it, and makes sure that it is looked at again.
func (s *slides) rest(n uint32) {
	t := &s.tracks[n]
	if len(t.dirty) == 0 {
		if s.prune(t, &s.lanes[t.lane]); t.first == 0 && len(t.late) == 0 {
			s.drop(n)
			return
		}
	}
	s.watch(n)
}

// prune frees what is of no use any more.
func (s *slides) prune(t *track, l *timedLane) {
	for t.first != 0 && t.first != t.head && s.over(s.leaves[t.first].at, l) {
		first := t.first
		t.first = s.leaves[first].next
		if t.first == 0 {
			t.last = 0
		} else {
			s.leaves[t.first].prev = 0
		}
		s.release(first)
	}
	if len(t.late) > 0 {
		t.late = slices.DeleteFunc(t.late, func(v lateLeaf) bool {
			over := s.over(v.at, l)
			if over {
				s.release(v.leaf)
			}
			return over
		})
	}
}

func (s *slides) release(l uint32) {
	s.table.Clear(rowsOf(l))
	s.free.leaves = append(s.free.leaves, l)
}

// wakes is when there is something to do about a track: the next window may fire, or
// rows are of no use any more.
func (s *slides) wakes(t *track) (due int64, ever bool) {
	if s.closed && len(t.dirty) == 0 {
		return math.MinInt64, true
	}
	first := func(at int64) {
		if !ever || at < due {
			due, ever = at, true
		}
	}
	size, every, fired := s.spec.Size, s.spec.Every, s.marks[t.lane].fired
	over := func(at int64) {
		if len(t.dirty) > 0 { // it waits for the revision
			return
		}
		if end, ok := plus(at+every+size, s.late.Allowed); ok {
			first(end)
		}
	}
	if t.enter != 0 {
		first(s.leaves[t.enter].at + every)
	}
	if t.head != 0 {
		first(s.leaves[t.head].at + every + size)
	}
	if t.first != 0 && t.first != t.head {
		over(s.leaves[t.first].at)
	}
	for i := range t.late {
		own := t.late[i].at + every
		if own > fired {
			first(own)
		}
		if own+size > fired {
			first(own + size)
		}
		over(t.late[i].at)
	}
	return due, ever
}

// watch makes sure that a track is looked at when there is something to do.
func (s *slides) watch(n uint32) {
	t := &s.tracks[n]
	due, ever := s.wakes(t)
	if !ever || t.armed && t.timer <= due {
		return
	}
	t.timer, t.armed = due, true
	l := &s.lanes[t.lane]
	l.push(timer{due, n})
	if due <= l.watermark {
		s.enqueue(t.lane)
	}
}
