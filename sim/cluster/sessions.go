package cluster

import (
	"math"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// sessions is what rows make sessions of. It keeps the event times of each key's
// rows in one list, with what is known of the rows there, and puts sessions
// together when it is asked, from the list and the watermark alone: what a view
// shows are the sessions of those rows on time whose session on time is complete,
// and of the revisions whose own window is over. Both only become more, so what
// has been shown together is one entry of the list from then on.
//
// Without accumulators it knows times only, and tells how many sessions there are.
type sessions struct {
	window   window.Spec
	pipeline *flow.Pipeline
	keys     map[sessionKey]*timeline
	list     []*timeline // those with something in it, in the order in which they came
	live     int         // of what is counted: see timeline.live
}

// sessionKey is a key among those that fire by one watermark.
type sessionKey struct {
	key  uint32
	lane int
}

// timeline is the rows of a key.
type timeline struct {
	sessionKey
	part      int       // of a row
	stretches []stretch // ascending by first
	due       int64     // before that watermark nothing happens unless rows come
	touched   bool      // rows came
	live      int       // open sessions, revisions that wait, and what is shown and may still grow
}

// stretch is rows of a key that share a fate: those of one event time, or, when
// they are shown, all of a session.
type stretch struct {
	first, last int64 // event times
	fate        fate
	late        bool // some are revisions
	group       uint32
}

// fate is what has become of rows.
type fate uint8

const (
	fateOnTime   fate = iota // their session on time is not complete
	fateRevision             // their own window is not over
	fateShown
)

func newSessions(plan *flow.Plan) *sessions {
	return &sessions{window: plan.Window, pipeline: plan.Pipeline, keys: map[sessionKey]*timeline{}}
}

// judge tells what becomes of a row: ok is false if it is dropped, and exists is
// false if the row has no session at all because that would end beyond time.
func (s *sessions) judge(r *arrival) (f fate, ok, exists bool) {
	switch gap := s.window.Size; {
	case r.time > math.MaxInt64-gap:
		return 0, false, false
	case r.mark <= r.time:
		return fateOnTime, true, true
	default:
		return fateRevision, !beyond(r.mark, r.time+gap, s.pipeline.Late.Allowed) && !tooOld(s.pipeline, r), true
	}
}

// each settles the timelines for which there is something to do at the watermarks,
// and those that rows have come to if they are asked for, too.
func (s *sessions) each(marks []int64, touched bool, shows func(*timeline, []stretch, *stretch), drops func(*stretch)) {
	ended := slices.Min(marks) == math.MaxInt64
	rest := s.list[:0]
	for _, k := range s.list {
		if mark := marks[k.part]; ended || k.due <= mark || touched && k.touched {
			settling{s, k, mark, ended, shows, drops}.settle()
		}
		if len(k.stretches) > 0 {
			rest = append(rest, k)
		} else {
			delete(s.keys, k.sessionKey)
		}
	}
	clear(s.list[len(rest):])
	s.list = rest
}

// add keeps a row that is not too late, and returns its stretch; new says that
// there was none.
func (s *sessions) add(r *arrival, f fate) (at *stretch, new bool) {
	id := sessionKey{r.key, lane(s.pipeline, r.part)}
	k := s.keys[id]
	if k == nil {
		k = &timeline{sessionKey: id, part: r.part, due: math.MaxInt64}
		s.keys[id] = k
		s.list = append(s.list, k)
	}
	k.touched = true
	if end := r.time + s.window.Size; end < k.due {
		k.due = end
	}
	i := len(k.stretches)
	for ; i > 0 && k.stretches[i-1].first >= r.time; i-- {
		if e := &k.stretches[i-1]; e.first == r.time && e.fate == f {
			return e, false
		}
	}
	k.stretches = slices.Insert(k.stretches, i, stretch{first: r.time, last: r.time, fate: f, late: f == fateRevision})
	return &k.stretches[i], true
}

// near tells whether a row at t belongs to a session whose last row before it is at
// last.
func (s *sessions) near(last, t int64) bool {
	apart := uint64(t) - uint64(last)
	return t <= last || apart < uint64(s.window.Size) || apart == uint64(s.window.Size) && s.window.Merge == window.Touching
}

// over tells whether a watermark has passed all of [.., last+gap), so that no row on
// time can join what ends there.
func (s *sessions) over(mark, last int64) bool {
	end := last + s.window.Size
	return mark > end || mark == end && s.window.Merge != window.Touching
}

// settling is what one call of settle makes of a timeline.
type settling struct {
	*sessions
	k     *timeline
	mark  int64
	ended bool // all input is: everything is over
	shows func(k *timeline, members []stretch, whole *stretch)
	drops func(*stretch)
}

// settle brings a timeline to a watermark: shows is called with every session that
// is shown and has changed, and with what it was made of, drops with each that
// nothing can join any more.
func (s settling) settle() {
	k := s.k
	var open, shown []stretch
	waiting := 0
	k.due = math.MaxInt64
	for _, run := range s.runs() {
		last := run[len(run)-1].last
		if s.ended || s.over(s.mark, last) {
			shown = append(shown, run...)
			continue
		}
		k.wake(last + s.window.Size)
		open = append(open, run...)
		waiting++
	}
	for _, e := range k.stretches {
		switch {
		case e.fate == fateShown, e.fate == fateRevision && (s.ended || s.over(s.mark, e.last)):
			shown = append(shown, e)
		case e.fate == fateRevision:
			k.wake(e.last + s.window.Size)
			open = append(open, e)
			waiting++
		}
	}
	byFirst(shown)
	rest := open
	for len(shown) > 0 {
		n := s.together(shown)
		whole := s.unite(shown[:n])
		shown = shown[n:]
		if s.gone(&whole, open) {
			s.drops(&whole)
			continue
		}
		waiting++
		rest = append(rest, whole)
	}
	byFirst(rest)
	s.live += waiting - k.live
	k.stretches, k.live, k.touched = rest, waiting, false
}

func byFirst(list []stretch) {
	slices.SortStableFunc(list, func(a, b stretch) int {
		switch {
		case a.first < b.first:
			return -1
		case a.first > b.first:
			return 1
		}
		return int(a.fate) - int(b.fate)
	})
}

// wake has a timeline settled at a watermark, if not before.
func (k *timeline) wake(at int64) { k.due = min(k.due, at) }

// runs is the sessions of the rows on time that are not shown.
func (s *settling) runs() [][]stretch {
	var onTime []stretch
	for _, e := range s.k.stretches {
		if e.fate == fateOnTime {
			onTime = append(onTime, e)
		}
	}
	var list [][]stretch
	for len(onTime) > 0 {
		n := s.together(onTime)
		list = append(list, onTime[:n])
		onTime = onTime[n:]
	}
	return list
}

// together is how many of the stretches, from the first on, are one session.
func (s *sessions) together(list []stretch) int {
	n, last := 1, list[0].last
	for n < len(list) && s.near(last, list[n].first) {
		last = max(last, list[n].last)
		n++
	}
	return n
}

// unite is the stretch of a session that is shown.
func (s *settling) unite(members []stretch) stretch {
	whole := members[0]
	changed := whole.fate != fateShown
	for _, e := range members[1:] {
		whole.last, whole.late, changed = max(whole.last, e.last), whole.late || e.late, true
	}
	whole.fate = fateShown
	if changed {
		s.shows(s.k, members, &whole)
	}
	return whole
}

// gone tells whether nothing that may come can join a session that is shown: no
// revision, as those have t + gap + allowed > W, and nothing that waits on time.
func (s *settling) gone(whole *stretch, open []stretch) bool {
	if s.ended {
		return true
	}
	end := whole.last + s.window.Size
	if d := s.window.Size + s.pipeline.Late.Allowed; end > math.MaxInt64-d || s.mark <= end+d {
		if end < math.MaxInt64-d {
			s.k.wake(end + d + 1)
		}
		return false
	}
	for i := range open {
		if e := &open[i]; e.fate == fateOnTime && s.near(whole.last, e.first) && s.near(e.last, whole.first) {
			return false
		}
	}
	return true
}
