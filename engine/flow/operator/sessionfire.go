package operator

import (
	"cmp"
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
)

// dueSessions is what a look at a lane found, and the pane that is made of it.
type dueSessions struct {
	called     []uint32
	open, rest []uint32 // that are complete; resting ones that are dirty
	lent       bool     // a pane of them is in the caller's hands
	kind       Kind
}

// Close ends all partitions: every session is due.
func (s *Sessions) Close() {
	s.settle()
	s.closed = true
	for p := range s.frontiers {
		s.raise(p, watermark.End)
	}
	for n := range s.nodes {
		if s.nodes[n].list != noList {
			s.watch(uint32(n))
		}
	}
}

// Next sets p to the next pane that is due, or returns false when none is: first
// all sessions on time that are complete, then the retractions, then the revisions.
// The rows of a pane are in the order of their sessions' ends, then keys, then
// starts. The pane is valid until the next call of a method.
func (s *Sessions) Next(p *Pane) bool {
	s.settle()
	if s.kept.next(p) {
		return true
	}
	for len(s.queue) > 0 {
		l := &s.lanes[s.queue[0]]
		if s.step(l, p) {
			return true
		}
		l.ready = false
		s.queue = slices.Delete(s.queue, 0, 1)
	}
	return false
}

// step makes the pane that is due next in a lane, if one is.
func (s *Sessions) step(l *timedLane, p *Pane) bool {
	d := &s.due
	d.open, d.rest = d.open[:0], d.rest[:0]
	for _, n := range s.called(l) {
		s.look(l, n)
	}
	if len(d.open) > 0 { // resting ones wait: these may join them
		s.rest(d.rest)
		d.rest = d.rest[:0]
		s.fill(l, OnTime, d.open, p)
		return true
	}
	if len(d.rest) == 0 {
		return false
	}
	kind := Revision
	for _, n := range d.rest {
		if len(s.nodes[n].gone) > 0 {
			kind = Retraction
		}
	}
	s.fill(l, kind, d.rest, p)
	return true
}

// called lists the sessions whose timers have come, mostly in the order of their
// ends. Early revisions whose windows are over have gone to rest, where they may have
// called others, also twice, or swallowed some that were called.
func (s *Sessions) called(l *timedLane) []uint32 {
	d := &s.due
	d.called = d.called[:0]
	moved := false
	for len(l.timers) > 0 && l.timers[0].due <= l.watermark {
		t := l.pop()
		v := &s.nodes[t.node]
		if !v.armed || v.timer != t.due || &s.lanes[v.lane] != l {
			continue // the node was another session's, perhaps of another lane
		}
		v.armed = false
		if v.list == earlyList {
			s.goToRest(t.node)
			moved = true
			continue
		}
		d.called = append(d.called, t.node)
	}
	if moved {
		slices.Sort(d.called)
		d.called = slices.DeleteFunc(slices.Compact(d.called), func(n uint32) bool { return s.nodes[n].list == noList })
	}
	return d.called
}

// look decides what is to be done about a session whose timer has come.
func (s *Sessions) look(l *timedLane, n uint32) {
	v := &s.nodes[n]
	due, ever := s.wakes(v)
	switch {
	case !ever || due > l.watermark: // it grew
		s.watch(n)
	case v.list == openList:
		s.due.open = append(s.due.open, n)
	case v.dirty:
		s.due.rest = append(s.due.rest, n)
	case s.defect == defectHoard:
	case s.blocked(n): // it is looked at again when the open session comes to rest
	default:
		s.unlink(n)
		s.forget(n)
	}
}

// rest lets sessions that are due wait for the next look.
func (s *Sessions) rest(list []uint32) {
	for _, n := range list {
		s.watch(n)
	}
}

// fill makes a pane of sessions, or of what they have swallowed.
func (s *Sessions) fill(l *timedLane, kind Kind, list []uint32, p *Pane) {
	slices.SortFunc(list, func(a, b uint32) int {
		v, w := &s.nodes[a], &s.nodes[b]
		return cmp.Or(cmp.Compare(v.end, w.end), cmp.Compare(v.key, w.key), cmp.Compare(v.start, w.start))
	})
	out := &s.panes
	out.keys, out.groups, out.starts, out.ends = out.keys[:0], out.groups[:0], out.starts[:0], out.ends[:0]
	*p = Pane{Kind: kind, Watermark: l.watermark}
	for _, n := range list {
		v := &s.nodes[n]
		if kind == Retraction {
			for _, e := range v.gone {
				if s.defect != defectMute {
					out.keys, out.starts, out.ends = append(out.keys, v.key), append(out.starts, e.start), append(out.ends, e.end)
				}
			}
			continue
		}
		out.keys, out.groups = append(out.keys, v.key), append(out.groups, n)
		out.starts, out.ends = append(out.starts, v.start), append(out.ends, v.end)
	}
	if kind != Retraction {
		s.table.Grow(len(s.nodes))
		p.Groups, p.Table = out.groups, s.table
	}
	p.Keys, p.Starts, p.Ends = out.keys, out.starts, out.ends
	s.due.lent, s.due.kind = true, kind
}

// settle does what follows from the last pane: it has been seen.
func (s *Sessions) settle() {
	d := &s.due
	if !d.lent {
		return
	}
	d.lent = false
	switch d.kind {
	case OnTime:
		for _, n := range d.open {
			s.goToRest(n)
		}
		d.open = d.open[:0]
		return
	case Retraction:
		for _, n := range d.rest {
			s.nodes[n].gone = nil
		}
	default:
		for _, n := range d.rest {
			s.nodes[n].dirty, s.nodes[n].stands = false, true
		}
	}
	s.rest(d.rest)
	d.rest = d.rest[:0]
}

// goToRest brings a session that has fired, or a revision whose window is over, to
// rest, where it merges with what it joins.
func (s *Sessions) goToRest(n uint32) {
	v := &s.nodes[n]
	v.stands, v.dirty = v.list == openList, v.list == earlyList
	s.unlink(n)
	if s.defect == defectPurge && v.stands {
		s.forget(n)
		return
	}
	s.found = s.joined(s.found[:0], s.keys[v.key].rest, v.lane, v.start, v.end)
	if len(s.found) == 0 {
		s.link(n, restList)
		s.watch(n)
		return
	}
	to := s.unite(s.found)
	s.absorb(to, n)
	s.nodes[to].dirty = true
	s.watch(to)
}

// keptPanes is panes that wait to be asked for, with accumulators of their own.
type keptPanes struct {
	list  []keptPane
	first int // of those that wait
	table *aggregate.Table
}

// keptPane is a pane; its groups are from, from+1, …
type keptPane struct {
	kind         Kind
	lane         uint32 // under a trigger
	watermark    int64
	start, end   int64            // under a trigger: panes are of one window
	records      []trigger.Record // under a trigger
	keys         []uint32
	starts, ends []int64
	groups       []uint32
}

// keep copies a pane.
func (k *keptPanes) keep(p *Pane) {
	c := keptPane{
		kind: p.Kind, watermark: p.Watermark, keys: slices.Clone(p.Keys),
		starts: slices.Clone(p.Starts), ends: slices.Clone(p.Ends),
	}
	for _, group := range p.Groups {
		c.groups = append(c.groups, k.group())
		k.table.Merge(c.groups[len(c.groups)-1], p.Table, group)
	}
	k.list = append(k.list, c)
}

// group makes room for one more row.
func (k *keptPanes) group() uint32 {
	n := k.table.Groups()
	k.table.Grow(n + 1)
	return uint32(n)
}

// next sets p to the next pane kept.
func (k *keptPanes) next(p *Pane) bool {
	if k.first == len(k.list) {
		k.table.Reset()
		k.list, k.first = k.list[:0], 0
		return false
	}
	c := &k.list[k.first]
	k.first++
	*p = Pane{
		Kind: c.kind, Watermark: c.watermark, Start: c.start, End: c.end, Keys: c.keys, Starts: c.starts, Ends: c.ends,
		Groups: c.groups, Records: c.records,
	}
	if c.groups != nil {
		p.Table = k.table
	}
	return true
}

// rows counts the rows that wait.
func (k *keptPanes) rows() int {
	n := 0
	for i := k.first; i < len(k.list); i++ {
		n += len(k.list[i].groups)
	}
	return n
}
