package cluster

// The invariant: state is bounded. Whenever the worker has read further, it keeps
// exactly the windows, sessions, slices of rows and keys that the specification has
// it keep at the watermarks of its cut: those that may still fire or be revised.

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
	"parallax/engine/kappa"
)

// errState is a worker that keeps what it should have forgotten, or has forgotten
// what it should have kept.
var errState = errors.New("cluster: the worker keeps other state than its cut demands")

// stateCheck follows the worker: what it keeps is a function of the cut that it has
// read to, which goes back when it restarts.
type stateCheck struct {
	worker  *kappa.Worker
	cut     []protocol.Cut
	seen    []bool // keys, by number
	keys    int
	holding holding
}

// holding is what there is to be kept of the windows of one family.
type holding interface {
	add(r *arrival)
	// at is what is kept at watermarks, which are by partition and do not go back.
	at(marks []int64) operator.Footprint
}

// holdings makes what a plan's windows keep, by kind.
var holdings = map[window.Kind]func(*flow.Plan) holding{
	window.Tumbling: newSliceHolding,
	window.Hopping:  newSliceHolding,
	window.Calendar: newSliceHolding,
	window.Global:   newSliceHolding,
	window.Session:  newSessionHolding,
}

// checkState asks of a worker that has read further what it keeps.
func (c *checker) checkState(w *kappa.Worker) error {
	s, reached := &c.state, w.Reached()
	if s.worker != w || !advanced(reached, s.cut) {
		*s = stateCheck{worker: w, holding: holdings[c.judge.plan.Window.Kind](c.judge.plan)}
		for range reached {
			s.cut = append(s.cut, protocol.LogStart())
		}
	} else if slices.Equal(reached, s.cut) {
		return nil
	}
	for part := range reached {
		err := c.judge.between(part, s.cut[part], reached[part], func(_ *protocol.Batch, e *entry) error {
			s.take(c.judge.plan, part, e)
			return nil
		})
		if err != nil {
			return err
		}
		s.cut[part] = reached[part]
	}
	c.tally.StateChecks++
	want := s.holding.at(firing(c.judge.pipeline, s.cut))
	want.Keys = s.keys
	if have := w.State(); have != want {
		return fmt.Errorf("%w: at %v %+v, should be %+v", errState, reached, have, want)
	}
	return nil
}

// take takes a batch in. A job without key columns has one key, whether or not
// filters leave any row.
func (s *stateCheck) take(p *flow.Plan, part int, e *entry) {
	if len(p.Keys) == 0 && e.rows != nil {
		s.keys, s.seen = 1, append(s.seen[:0], true)
	}
	for i, key := range e.keys {
		for len(s.seen) <= int(key) {
			s.seen = append(s.seen, false)
		}
		if !s.seen[key] {
			s.seen[key] = true
			s.keys++
		}
		row := e.rows.Select[i]
		s.holding.add(&arrival{time: e.rows.Times[row], mark: markAt(p.Pipeline, e.before[row]), key: key, part: part, row: row})
	}
}

// sliceHolding is what windows at fixed places keep: the rows of a slice, which
// have the same windows, until the last of those takes no revision any more. Of the
// rows of a key in a slice there is one accumulator for each fate: for how many of
// the windows they came too late, and for how many too late to be on time.
type sliceHolding struct {
	placing
	pipeline *flow.Pipeline
	slices   []*heldSlice
	place    map[sliceName]*heldSlice
}

// sliceName tells slices apart: by the ends of the first and the last of their
// windows, and by which watermark fires them.
type sliceName struct {
	lane        int
	first, last int64
}

type heldSlice struct {
	sliceName
	part  int
	slots map[slotName]bool
	least int // how many windows no row has come in time for
}

type slotName struct {
	key           uint32
	late, dropped int
}

func newSliceHolding(plan *flow.Plan) holding {
	return &sliceHolding{placing: newPlacing(plan), pipeline: plan.Pipeline, place: map[sliceName]*heldSlice{}}
}

func (h *sliceHolding) add(r *arrival) {
	_, ends := h.windows(r.time)
	n, slot := len(ends), slotName{key: r.key}
	for _, end := range ends {
		if r.mark >= end {
			slot.late++
		}
		if beyond(r.mark, end, h.pipeline.Late.Allowed) {
			slot.dropped++
		}
	}
	if slot.dropped == n || tooOld(h.pipeline, r) { // of none, perhaps
		return
	}
	name := sliceName{lane(h.pipeline, r.part), ends[n-1], ends[0]}
	s := h.place[name]
	if s == nil {
		s = &heldSlice{sliceName: name, part: r.part, slots: map[slotName]bool{}, least: n}
		h.place[name] = s
		h.slices = append(h.slices, s)
	}
	s.slots[slot] = true
	s.least = min(s.least, slot.dropped)
}

func (h *sliceHolding) at(marks []int64) operator.Footprint {
	var f operator.Footprint
	open := map[sliceName]bool{}
	rest := h.slices[:0]
	for _, s := range h.slices {
		mark, allowed := marks[s.part], h.pipeline.Late.Allowed
		if beyond(mark, s.last, allowed) {
			delete(h.place, s.sliceName)
			continue
		}
		rest = append(rest, s)
		f.Slices++
		f.Slots += len(s.slots)
		for end := s.first + int64(s.least)*h.spec.Every; end <= s.last; end += max(1, h.spec.Every) { // a window of a calendar is alone
			if !beyond(mark, end, allowed) {
				open[sliceName{s.lane, end, end}] = true
			}
		}
	}
	h.slices = rest
	f.Windows = len(open)
	return f
}

// sessionHolding is what sessions keep: those on time that are not complete, one
// accumulator for each time of revisions whose own window is not over, and what is
// shown until nothing can join it.
type sessionHolding struct{ *sessions }

func newSessionHolding(plan *flow.Plan) holding { return sessionHolding{newSessions(plan)} }

func (h sessionHolding) add(r *arrival) {
	if fate, kept, _ := h.judge(r); kept {
		h.sessions.add(r, fate)
	}
}

func (h sessionHolding) at(marks []int64) operator.Footprint {
	h.each(marks, true, func(*timeline, []stretch, *stretch) {}, func(*stretch) {})
	return operator.Footprint{Windows: h.live, Slots: h.live}
}
