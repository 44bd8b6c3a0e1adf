package operator

import (
	"slices"

	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Close ends all partitions: every window is due.
func (s *slides) Close() {
	s.closed = true
	for p := range s.frontiers {
		s.raise(p, watermark.End)
	}
	for n := range s.tracks {
		if t := &s.tracks[n]; t.first != 0 || len(t.late) > 0 {
			s.watch(uint32(n))
		}
	}
}

// Next sets p to the next pane that is due, or returns false when none is: first all
// windows on time that are complete, then the revisions. The rows of a pane are in the
// order of keys, then starts. The pane is valid until the next call of a method.
func (s *slides) Next(p *Pane) bool {
	for len(s.queue) > 0 {
		if s.step(s.queue[0], p) {
			return true
		}
		s.lanes[s.queue[0]].ready = false
		s.queue = slices.Delete(s.queue, 0, 1)
	}
	return false
}

// step makes the pane that is due next in a lane, if one is.
func (s *slides) step(number int32, p *Pane) bool {
	out := &s.panes
	out.keys, out.groups, out.starts, out.ends = out.keys[:0], out.groups[:0], out.starts[:0], out.ends[:0]
	out.table.Reset()
	s.ready()
	s.fire(number)
	kind := OnTime
	if len(out.keys) == 0 {
		kind = Revision
		s.review(number)
	}
	*p = Pane{
		Kind: kind, Watermark: s.lanes[number].watermark, Keys: out.keys, Groups: out.groups, Table: out.table,
		Starts: out.starts, Ends: out.ends,
	}
	return len(out.keys) > 0
}

// fire makes the rows of all windows on time that are complete.
func (s *slides) fire(number int32) {
	l, m := &s.lanes[number], &s.marks[number]
	s.called = s.called[:0]
	for len(l.timers) > 0 && l.timers[0].due <= l.watermark {
		due := l.pop()
		t := &s.tracks[due.node]
		if t.armed && t.timer == due.due && t.lane == number { // else the node was another's
			t.armed = false
			s.called = append(s.called, due.node)
		}
	}
	s.byKey(s.called)
	for _, n := range s.called {
		t := &s.tracks[n]
		if len(t.late) == 0 {
			s.sweep(n, t, window.Sub(l.watermark, s.spec.Size))
			continue
		}
		before := len(t.dirty)
		s.sweepLate(n, t, window.Sub(m.fired, s.spec.Size), window.Sub(l.watermark, s.spec.Size))
		if before == 0 && len(t.dirty) > 0 {
			m.revised = append(m.revised, n)
		}
	}
	m.fired = max(m.fired, l.watermark)
	for _, n := range s.called {
		s.rest(n)
	}
}

// byKey sorts tracks of one lane by key. Keys are brought together with their tracks:
// there may be many, and then a track is far away.
func (s *slides) byKey(list []uint32) {
	s.order = s.order[:0]
	for _, n := range list {
		s.order = append(s.order, uint64(s.tracks[n].key)<<32|uint64(n))
	}
	slices.Sort(s.order)
	for i, v := range s.order {
		list[i] = uint32(v)
	}
}

// sweep fires the windows of a track that start by limit. Its rows are on time, so
// that windows begin where a row enters, or just after the oldest row.
func (s *slides) sweep(n uint32, t *track, limit int64) {
	for t.head != 0 {
		start := s.spec.After(s.leaves[t.head].at)
		after := true
		if t.enter != 0 {
			if own := s.spec.Own(s.leaves[t.enter].at); own <= start {
				start, after = own, false
			}
		}
		if start > limit {
			return
		}
		s.move(n, t, start)
		if t.head != t.enter && !(after && s.single) {
			s.sum(n, t, s.panes.table, s.row(t.key, start))
		}
	}
}

// sweepLate is sweep for a track that has late rows, too: of the windows that start
// behind last, those on time fire, and those that are others with the late rows are to
// be revised.
func (s *slides) sweepLate(n uint32, t *track, last, limit int64) {
	for {
		start, onTime, ok := s.next(t, last)
		if !ok || start > limit {
			return
		}
		last = start
		s.move(n, t, start)
		some, revised := t.head != t.enter, false
		for i := range t.late {
			if v := &t.late[i]; s.holds(start, v.at) {
				class := s.countsIn(v, start)
				some, revised = some || class == watermark.OnTime, revised || class == watermark.Revision
			}
		}
		if some && onTime {
			group := s.row(t.key, start)
			s.sum(n, t, s.panes.table, group)
			s.mergeLate(t, start, watermark.OnTime, group)
		}
		if revised || some && !onTime {
			t.revise(start)
		}
	}
}

// next is the first window of a track that starts behind last, and whether rows on
// time for it make it.
func (s *slides) next(t *track, last int64) (start int64, onTime, ok bool) {
	note := func(at int64, class watermark.Class) {
		switch {
		case at <= last || class == watermark.Dropped || ok && at > start:
		case !ok || at < start:
			start, onTime, ok = at, class == watermark.OnTime, true
		default:
			onTime = onTime || class == watermark.OnTime
		}
	}
	if t.head != 0 {
		note(s.spec.After(s.leaves[t.head].at), watermark.OnTime)
	}
	if t.enter != 0 {
		note(s.spec.Own(s.leaves[t.enter].at), watermark.OnTime)
	}
	for i := range t.late {
		own, after := s.made(&t.late[i])
		note(s.spec.Own(t.late[i].at), own)
		note(s.spec.After(t.late[i].at), after)
	}
	return start, onTime, ok
}

// mergeLate adds the late rows that count in a window by a measure, or by a better one,
// and tells whether there are any.
func (s *slides) mergeLate(t *track, start int64, worst watermark.Class, group uint32) (some bool) {
	for i := range t.late {
		if v := &t.late[i]; s.holds(start, v.at) && s.countsIn(v, start) <= worst {
			s.panes.table.Merge(group, s.table, rowsOf(v.leaf))
			some = true
		}
	}
	return some
}

// row adds a row to the pane and returns its group.
func (s *slides) row(key uint32, start int64) uint32 {
	out := &s.panes
	group := uint32(len(out.keys))
	out.keys, out.groups = append(out.keys, key), append(out.groups, group)
	out.starts, out.ends = append(out.starts, start), append(out.ends, s.spec.End(start))
	out.table.Grow(len(out.keys))
	return group
}

// review makes the rows of all windows that are to be revised, from the rows that they
// hold.
func (s *slides) review(number int32) {
	m := &s.marks[number]
	s.byKey(m.revised)
	for _, n := range m.revised {
		t := &s.tracks[n]
		for _, start := range t.dirty {
			group := s.row(t.key, start)
			some := s.mergeLate(t, start, watermark.Revision, group)
			for l := t.last; l != 0 && s.leaves[l].at >= start; l = s.leaves[l].prev {
				if s.holds(start, s.leaves[l].at) {
					s.panes.table.Merge(group, s.table, rowsOf(l))
					some = true
				}
			}
			if !some { // the window just after a row is empty
				out := &s.panes
				out.keys, out.groups = out.keys[:group], out.groups[:group]
				out.starts, out.ends = out.starts[:group], out.ends[:group]
			}
		}
		t.dirty = t.dirty[:0]
		s.rest(n)
	}
	m.revised = m.revised[:0]
}
