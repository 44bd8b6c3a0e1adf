package operator

import (
	"cmp"
	"math"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// session is a session of a key, a node of one of its two lists. Its accumulators
// are the group of the same number.
type session struct {
	start, end int64
	timer      int64   // when it is looked at next, if armed
	gone       []edges // of sessions that the view has and this one has grown from, to be retracted; ascending
	key        uint32
	next       uint32 // the one before it in time in its list; 0: none
	lane       int32
	list       sessionList
	armed      bool
	dirty      bool // resting: the view does not say of it all there is
	stands     bool // resting: the view has a session with these edges
}

// edges is a window [start, end).
type edges struct{ start, end int64 }

func (e edges) compare(f edges) int {
	return cmp.Or(cmp.Compare(e.start, f.start), cmp.Compare(e.end, f.end))
}

// sessionList is which list a session is in.
type sessionList uint8

const (
	noList sessionList = iota
	openList
	restList
	earlyList
)

// sessionLists is a key's sessions, the latest first: the first node of each list,
// 0 for none.
type sessionLists struct{ open, rest, early uint32 }

func (l *sessionLists) head(list sessionList) *uint32 {
	switch list {
	case openList:
		return &l.open
	case earlyList:
		return &l.early
	}
	return &l.rest
}

// node makes a session that is in no list.
func (s *Sessions) node(v session) uint32 {
	if n := len(s.free); n > 0 {
		at := s.free[n-1]
		s.free = s.free[:n-1]
		s.nodes[at] = v
		return at
	}
	s.nodes = append(s.nodes, v)
	return uint32(len(s.nodes) - 1)
}

// forget drops a session that is in no list.
func (s *Sessions) forget(n uint32) {
	s.table.Grow(len(s.nodes))
	s.table.Clear(n)
	s.nodes[n] = session{}
	s.free = append(s.free, n)
}

// link puts a session into its place in a list.
func (s *Sessions) link(n uint32, list sessionList) {
	v := &s.nodes[n]
	v.list = list
	at := s.keys[v.key].head(list)
	for *at != 0 && s.nodes[*at].start > v.start {
		at = &s.nodes[*at].next
	}
	v.next, *at = *at, n
}

// unlink takes a session out of its list.
func (s *Sessions) unlink(n uint32) {
	v := &s.nodes[n]
	at := s.keys[v.key].head(v.list)
	for *at != n {
		at = &s.nodes[*at].next
	}
	*at, v.next, v.list = v.next, 0, noList
}

// joined appends the sessions of a list, beginning with the node head, that are one
// with [start, end), the latest first. Sessions of a list do not join each other, so
// they are few, and those before the first that lies below are not looked at.
func (s *Sessions) joined(found []uint32, head uint32, lane int32, start, end int64) []uint32 {
	for n := head; n != 0; n = s.nodes[n].next {
		v := &s.nodes[n]
		switch {
		case v.lane != lane:
		case s.spec.Joins(start, end, v.start, v.end):
			found = append(found, n)
		case v.start < start:
			return found
		}
	}
	return found
}

// blocked tells whether a resting session joins one that is open, and so must wait
// for it.
func (s *Sessions) blocked(n uint32) bool {
	v := &s.nodes[n]
	s.found = s.joined(s.found[:0], s.keys[v.key].open, v.lane, v.start, v.end)
	return len(s.found) > 0
}

// unite makes one session of several, in the place of the first, and returns it.
func (s *Sessions) unite(list []uint32) uint32 {
	for _, n := range list[1:] {
		s.unlink(n)
		s.absorb(list[0], n)
	}
	return list[0]
}

// absorb adds a session that is in no list to another, and forgets it.
func (s *Sessions) absorb(to, n uint32) {
	s.table.Grow(len(s.nodes))
	s.table.Merge(to, s.table, n)
	from := s.nodes[n]
	s.widen(to, from.start, from.end)
	into := &s.nodes[to]
	into.gone = append(into.gone, from.gone...)
	if from.stands && from.start == into.start && from.end == into.end {
		into.stands = true
	} else if from.stands {
		into.gone = append(into.gone, edges{from.start, from.end})
	}
	slices.SortFunc(into.gone, edges.compare)
	s.forget(n)
}

// widen makes a session hold [start, end) too. If that moves an edge, what the view
// has of it is another session.
func (s *Sessions) widen(n uint32, start, end int64) {
	v := &s.nodes[n]
	if start >= v.start && end <= v.end {
		return
	}
	if v.stands {
		v.gone, v.stands = append(v.gone, edges{v.start, v.end}), false
		slices.SortFunc(v.gone, edges.compare)
	}
	v.start, v.end = min(v.start, start), max(v.end, end)
}

// closes is the watermark at which a session that ends at end fires; ever is false
// if that lies beyond time.
func (s *Sessions) closes(end int64) (due int64, ever bool) {
	if s.defect == defectInclusive {
		return end, true
	}
	return s.spec.Closes(end), s.spec.Merge != window.Touching || end < math.MaxInt64
}

// leaves is the watermark at which nothing kept can join a session any more; ever
// is false if that lies beyond time.
func (s *Sessions) leaves(end int64) (due int64, ever bool) {
	if s.late.Rule == flow.Operator || s.defect == defectHasty {
		if due, ever = s.closes(end); !ever || s.defect == defectHasty {
			return due, ever
		}
		return plus(due, s.late.Allowed)
	}
	if s.defect == defectShortGap {
		return plus(end, s.late.Allowed)
	}
	if due, ever = plus(end, s.spec.Size); ever {
		if due, ever = plus(due, s.late.Allowed); ever {
			return plus(due, 1)
		}
	}
	return 0, false
}

// plus is t + d, which is not negative; ok is false if that is no time.
func plus(t, d int64) (sum int64, ok bool) {
	return t + d, t <= math.MaxInt64-d
}

// wakes is when there is something to do about a session.
func (s *Sessions) wakes(v *session) (due int64, ever bool) {
	if s.closed {
		return math.MinInt64, true
	}
	if v.list == restList && !v.dirty {
		return s.leaves(v.end)
	}
	return s.closes(v.end)
}

// watch makes sure that a session is looked at when there is something to do.
func (s *Sessions) watch(n uint32) {
	v := &s.nodes[n]
	due, ever := s.wakes(v)
	if !ever || v.armed && v.timer <= due {
		return
	}
	v.timer, v.armed = due, true
	l := &s.lanes[v.lane]
	l.push(timer{due, n})
	if due <= l.watermark {
		s.enqueue(v.lane)
	}
}
