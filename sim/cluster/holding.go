package cluster

import (
	"parallax/engine/flow"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

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
