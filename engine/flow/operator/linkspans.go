package operator

import (
	"cmp"
	"math"
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/window"
)

// spans is the ledger of sessions. It holds the results that stand, by key, and makes
// the sessions anew of a key in which something changed: a result that leaves may
// break a session in two.
//
// What is shown at a watermark W are the sessions of these results: of those whose
// own window [t, t+gap) is complete at W, unless an open session of results on time
// joins it. So the sessions on time are shown when they fire, and a revision when its
// own window is over and it has nobody to wait for.
type spans struct {
	spec   window.Spec
	onTime *Sessions
	kept   *keptResults
	keys   []spanKey
	dirty  []uint32 // keys whose sessions are to be made anew
	wakes  dues     // when a revision's own window is over
	ends   dues     // when a key may have something to forget
	table  *aggregate.Table
	found  []uint32
	list   []span
	panes  struct {
		keys, groups []uint32
		starts, ends []int64
	}
}

// spanKey is what stands of a key.
type spanKey struct {
	rows  []uint32 // results, ascending by time
	shown []shownSpan
	gone  []int64 // times of results on time that left before their session fired
	late  int     // how many results are revisions
	look  int64   // when, of what is settled, there may be something to forget
	armed bool    // look is set
	dirty bool
}

// shownSpan is a session that a pane has shown.
type shownSpan struct {
	edges
	changed bool // not of the results that make it now
}

// span is a session of a key's results from, …, to-1.
type span struct {
	edges
	rows  []uint32
	fresh bool // a pane has yet to show one of them
}

func newSpans(spec window.Spec, onTime *Sessions, kept *keptResults) *spans {
	return &spans{spec: spec, onTime: onTime, kept: kept, table: aggregate.NewTable(kept.fns)}
}

// own is the window of a result alone.
func (s *spans) own(row uint32) edges {
	t := s.kept.rows[row].time()
	return edges{t, t + s.spec.Size}
}

func (s *spans) key(n uint32) *spanKey {
	for len(s.keys) <= int(n) {
		s.keys = append(s.keys, spanKey{})
	}
	return &s.keys[n]
}

func (s *spans) enter(row uint32) {
	r := &s.kept.rows[row]
	k, e := s.key(r.by), s.own(row)
	at, _ := slices.BinarySearchFunc(k.rows, e.start, func(n uint32, t int64) int {
		return cmp.Compare(s.kept.rows[n].time(), t)
	})
	k.rows = slices.Insert(k.rows, at, row)
	s.watch(r.by, e.end)
	if !r.onTime {
		k.late++
		s.wake(r.by, e.end)
	}
}

// watch makes sure that forget looks at a key once what ends at end is settled.
func (s *spans) watch(key uint32, end int64) {
	if k := &s.keys[key]; !k.armed || end < k.look {
		k.look, k.armed = end, true
		s.ends.push(end, key)
	}
}

// wake makes a key dirty when a window that ends at end is over.
func (s *spans) wake(key uint32, end int64) {
	due, ever := s.onTime.closes(end)
	switch {
	case s.onTime.closed || ever && due <= s.watermark():
		s.change(key)
	case ever:
		s.wakes.push(due, key)
	}
}

func (s *spans) watermark() int64 { return s.onTime.lanes[0].watermark }

// change makes a key dirty.
func (s *spans) change(key uint32) {
	if k := &s.keys[key]; !k.dirty {
		k.dirty = true
		s.dirty = append(s.dirty, key)
	}
}

func (s *spans) leave(row uint32) {
	r := &s.kept.rows[row]
	k := s.key(r.by)
	if at := slices.Index(k.rows, row); at >= 0 {
		k.rows = slices.Delete(k.rows, at, at+1)
	}
	if !r.onTime {
		k.late--
	}
	if r.fresh {
		if r.onTime {
			k.gone = append(k.gone, r.time())
		}
		return
	}
	if at, ok := k.showing(r.time()); ok {
		k.shown[at].changed = true
	}
	s.change(r.by)
}

// showing is the session shown that a time lies in.
func (k *spanKey) showing(t int64) (at int, ok bool) {
	at, _ = slices.BinarySearchFunc(k.shown, t, func(e shownSpan, t int64) int { return cmp.Compare(e.end, t+1) })
	return at, at < len(k.shown) && k.shown[at].start <= t
}

// fired notes the sessions of a pane on time: what of their results has left or is a
// revision makes other sessions of them.
func (s *spans) fired(p *Pane) {
	for i, key := range p.Keys {
		start, end := p.Window(i)
		k := s.key(key)
		within := func(t int64) bool { return t >= start && t < end }
		v := shownSpan{edges: edges{start, end}, changed: slices.ContainsFunc(k.gone, within)}
		k.gone = slices.DeleteFunc(k.gone, within)
		for _, row := range k.rows {
			if r := &s.kept.rows[row]; r.onTime && within(r.time()) {
				r.fresh = false
			}
		}
		at, _ := slices.BinarySearchFunc(k.shown, start, func(e shownSpan, t int64) int { return cmp.Compare(e.start, t) })
		k.shown = slices.Insert(k.shown, at, v)
		s.watch(key, end)
		if v.changed || k.late > 0 {
			s.change(key)
		}
	}
}

// waits tells whether a result is not to be shown yet.
func (s *spans) waits(row uint32) bool {
	e, r := s.own(row), &s.kept.rows[row]
	due, ever := s.onTime.closes(e.end)
	if !s.onTime.closed && (!ever || due > s.watermark()) {
		return true
	}
	if int(r.by) >= len(s.onTime.keys) {
		return false
	}
	s.found = s.onTime.joined(s.found[:0], s.onTime.keys[r.by].open, 0, e.start, e.end)
	return len(s.found) > 0
}

// made makes sessions of a key's results, of all of them or of those that do not
// wait.
func (s *spans) made(k *spanKey, all bool) []span {
	s.list = s.list[:0]
	for i, row := range k.rows {
		if !all && s.waits(row) {
			continue
		}
		e, fresh := s.own(row), s.kept.rows[row].fresh
		if n := len(s.list) - 1; n >= 0 && s.spec.Joins(s.list[n].start, s.list[n].end, e.start, e.end) {
			last := &s.list[n]
			last.end, last.fresh = e.end, last.fresh || fresh
			last.rows = append(last.rows, row)
			continue
		}
		s.list = append(s.list, span{edges: e, rows: append([]uint32(nil), k.rows[i]), fresh: fresh})
	}
	return s.list
}

// next makes a pane of all sessions that stand no more, of all keys in which
// something changed, or else of those that are new or other than they were.
func (s *spans) next(p *Pane) bool {
	for len(s.wakes) > 0 && (s.onTime.closed || s.wakes[0].at <= s.watermark()) {
		s.change(s.wakes.pop().key)
	}
	if len(s.dirty) == 0 {
		return false
	}
	slices.Sort(s.dirty)
	out := &s.panes
	out.keys, out.starts, out.ends, out.groups = out.keys[:0], out.starts[:0], out.ends[:0], out.groups[:0]
	for _, key := range s.dirty {
		s.retract(key)
	}
	*p = Pane{Kind: Retraction}
	if len(out.keys) == 0 {
		s.table.Reset()
		for _, key := range s.dirty {
			s.revise(key)
		}
		s.dirty = s.dirty[:0]
		p.Kind, p.Groups, p.Table = Revision, out.groups, s.table
	}
	p.Keys, p.Starts, p.Ends = out.keys, out.starts, out.ends
	return len(out.keys) > 0
}

// tell adds a session to the pane at hand.
func (s *spans) tell(key uint32, e edges) {
	out := &s.panes
	out.keys, out.starts, out.ends = append(out.keys, key), append(out.starts, e.start), append(out.ends, e.end)
}

// retract takes back a key's sessions that stand no more.
func (s *spans) retract(key uint32) {
	k := &s.keys[key]
	list := s.made(k, false)
	k.shown = slices.DeleteFunc(k.shown, func(v shownSpan) bool {
		for len(list) > 0 && list[0].compare(v.edges) < 0 {
			list = list[1:]
		}
		stands := len(list) > 0 && list[0].edges == v.edges
		if !stands {
			s.tell(key, v.edges)
		}
		return !stands
	})
}

// revise shows a key's sessions that are other than they were; none that was shown
// stands no more.
func (s *spans) revise(key uint32) {
	k := &s.keys[key]
	k.dirty = false
	before := k.shown
	var now []shownSpan
	for _, v := range s.made(k, false) {
		now = append(now, shownSpan{edges: v.edges})
		if len(before) > 0 && before[0].edges == v.edges {
			same := !before[0].changed && !v.fresh
			if before = before[1:]; same {
				continue
			}
		}
		group := uint32(s.table.Groups())
		s.table.Grow(int(group) + 1)
		for _, row := range v.rows {
			s.kept.rows[row].fresh = false
			s.table.Merge(group, s.kept.table, row)
		}
		s.tell(key, v.edges)
		s.panes.groups = append(s.panes.groups, group)
	}
	k.shown = now
}

func (s *spans) owes(settled int64) bool { return len(s.ends) > 0 && s.ends[0].at <= settled }

// forget drops the sessions that nothing to come can join and all of whose results
// are shown.
func (s *spans) forget(settled int64) {
	for s.owes(settled) {
		d := s.ends.pop()
		k := s.key(d.key)
		if !k.armed || k.look != d.at {
			continue
		}
		k.armed = false
		for _, v := range s.made(k, true) {
			if v.end == settled && s.spec.Merge == window.Touching && settled < math.MaxInt64 {
				s.watch(d.key, v.end+1) // it may be joined until then
				break
			}
			if v.end > settled {
				s.watch(d.key, v.end)
				break
			}
			if !k.dirty && !slices.ContainsFunc(v.rows, s.waits) { // else the session that it waits for will come by
				s.drop(k, v)
			}
		}
	}
}

func (s *spans) drop(k *spanKey, v span) {
	for _, row := range v.rows {
		s.kept.drop(row)
	}
	at := slices.Index(k.rows, v.rows[0])
	k.rows = slices.Delete(k.rows, at, at+len(v.rows))
	k.shown = slices.DeleteFunc(k.shown, func(e shownSpan) bool { return e.start >= v.start && e.end <= v.end })
}

// least is what is settled of the sessions, given the same of the results. A session
// that is shown may be taken back, and one that comes apart leaves pieces that end
// behind the result that left, or where touching is enough no earlier. What is yet to
// be shown may end with any of a key's results.
func (s *spans) least(settled int64) int64 {
	if s.spec.Merge == window.Touching && settled > math.MinInt64 && settled < math.MaxInt64 {
		settled--
	}
	for i := range s.keys {
		k := &s.keys[i]
		if len(k.shown) > 0 {
			settled = min(settled, k.shown[0].end-1)
		}
		if len(k.rows) > 0 && (k.late > 0 || len(k.gone) > 0 || k.dirty) {
			settled = min(settled, s.own(k.rows[0]).end-1)
		}
	}
	return settled
}

func (s *spans) state() Footprint {
	f := Footprint{Slots: len(s.kept.at), Keys: len(s.keys)}
	for i := range s.keys {
		f.Windows += len(s.keys[i].shown)
	}
	return f
}

var _ ledger = (*spans)(nil)
