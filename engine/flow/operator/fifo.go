package operator

import "parallax/engine/flow/aggregate"

// queueSums keeps the accumulators of the windows at which tracks stand, for functions that
// may be unable to take a row out again: two stacks that make a queue, as in
// Tangwongsan, Hirzel and Schneider, "Low-latency sliding-window aggregation in
// worst-case constant time", DEBS 2017, section 2.
//
// The queue of a track is its leaves [head, enter), of which those before turn are the
// front: each has the sum of itself and all behind it in the front. Those from turn on
// are the back, which has one sum for all. A window is the sum of head and that of the
// back. What enters is merged into the back; when the front is used up, the back
// becomes the front, from its newest leaf to its oldest. Thus a leaf is merged twice,
// however many windows it is in, and a window costs two merges more.
//
// Where all functions can take rows out, there is no front: what leaves is taken out of
// the back.
//
// Merging is commutative and associative, and equal multisets of rows have equal
// accumulators, so that nothing of this shows, and none of it is saved.
type queueSums struct {
	back *aggregate.Table // by track
	how  summing
}

// summing is how windows are summed up.
type summing uint8

const (
	byStacks summing = iota
	byRetracting
	byPlain // each from its leaves, to be compared with
)

func newQueueSums(fns []aggregate.Function) queueSums {
	s := queueSums{back: aggregate.NewTable(fns), how: byRetracting}
	for _, f := range fns {
		if !f.Retracts() {
			s.how = byStacks
		}
	}
	return s
}

// rowsOf is the group of a leaf's rows in the table, and frontOf that of their sum with
// those behind them in the front. They are used together, and so lie together.
func rowsOf(l uint32) uint32  { return 2 * l }
func frontOf(l uint32) uint32 { return 2*l + 1 }

// ready makes room for what there is.
func (s *slides) ready() {
	s.table.Grow(2 * len(s.leaves))
	s.sums.back.Grow(len(s.tracks))
}

// move brings a track to the window at start: what is older leaves, and then what is
// up to the window's end enters.
func (s *slides) move(n uint32, t *track, start int64) {
	used := false // the front is, and some of the back
	for t.head != t.enter && s.leaves[t.head].at < start {
		used = used || t.head == t.turn
		switch {
		case s.sums.how == byRetracting:
			s.sums.back.Retract(n, s.table, rowsOf(t.head))
		case s.sums.how == byStacks && !used:
			s.table.Clear(frontOf(t.head))
		}
		t.head = s.leaves[t.head].next
	}
	if used {
		s.turn(n, t)
	}
	newest := start + s.spec.Difference()
	for t.enter != 0 && s.leaves[t.enter].at <= newest {
		if s.sums.how != byPlain {
			s.sums.back.Merge(n, s.table, rowsOf(t.enter))
		}
		t.enter = s.leaves[t.enter].next
	}
}

// turn makes all of the queue its front.
func (s *slides) turn(n uint32, t *track) {
	t.turn = t.enter
	if s.sums.how != byStacks {
		return
	}
	s.sums.back.Clear(n)
	if t.head == t.enter {
		return
	}
	l := t.last
	if t.enter != 0 {
		l = s.leaves[t.enter].prev
	}
	s.table.Merge(frontOf(l), s.table, rowsOf(l))
	for l != t.head {
		newer := l
		l = s.leaves[l].prev
		s.table.Merge(frontOf(l), s.table, frontOf(newer))
		s.table.Merge(frontOf(l), s.table, rowsOf(l))
	}
}

// sum merges the window at which a track stands into a group of a table.
func (s *slides) sum(n uint32, t *track, into *aggregate.Table, group uint32) {
	switch {
	case s.sums.how == byRetracting:
		into.Merge(group, s.sums.back, n)
		return
	case s.sums.how == byPlain:
		for l := t.head; l != t.enter; l = s.leaves[l].next {
			into.Merge(group, s.table, rowsOf(l))
		}
		return
	}
	if t.head != t.turn {
		into.Merge(group, s.table, frontOf(t.head))
	}
	if t.turn != t.enter {
		into.Merge(group, s.sums.back, n)
	}
}
