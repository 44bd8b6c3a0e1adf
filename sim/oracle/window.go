package oracle

import (
	"math/big"
	"slices"

	"parallax/engine/flow/window"
)

// span is a window [start, end).
type span struct{ start, end int64 }

// Assigner says which windows hold a time; sessions it does not know. It remembers
// those of a calendar, which take long to find, and otherwise those of the last time:
// rows follow each other closely.
type Assigner struct {
	spec     *window.Spec
	clocks   *clocks
	known    []span
	last     []span
	from, to int64 // last is right for [from, to)
}

// NewAssigner is for windows of a valid specification.
func NewAssigner(s *window.Spec) *Assigner {
	a := &Assigner{spec: s}
	if s.Kind == window.Calendar {
		a.clocks = newClocks(s.Civil)
	}
	return a
}

// Windows lists the edges of the windows that hold the time t, ascending.
func (a *Assigner) Windows(t int64) (starts, ends []int64) {
	for _, w := range a.windows(t) {
		starts, ends = append(starts, w.start), append(ends, w.end)
	}
	return starts, ends
}

func (a *Assigner) windows(t int64) []span {
	if a.clocks == nil {
		if t < a.from || t >= a.to {
			a.last = windows(a.spec, t)
			a.from, a.to = a.until(t)
		}
		return a.last
	}
	for i, w := range a.known {
		if w.start <= t && t < w.end {
			return a.known[i : i+1]
		}
	}
	found := a.clocks.windows(t)
	a.known = append(a.known, found...)
	return found
}

// nearUs bounds times between which sums of a few cannot overflow.
const nearUs = int64(1) << 60

// until is the times around t that have the windows of t: before the first of them ends
// or another one begins, and behind the end of the one before them. It is none where a
// window may have been left out, or where times are at the ends of what there is.
func (a *Assigner) until(t int64) (from, to int64) {
	if len(a.last) == 0 || a.spec.Kind == window.Global || a.spec.Clamp || t < -nearUs || t > nearUs || a.spec.Size > nearUs || a.spec.Every > nearUs {
		return 0, 0
	}
	first, last := a.last[0], a.last[len(a.last)-1]
	return max(last.start, first.end-a.spec.Every), min(last.start+a.spec.Every, first.end)
}

// windows lists the windows that hold the time t, ascending. It walks back from
// the last window that begins at or before t, in integers without bounds, and
// leaves out windows with an edge that is no int64, and clamped those before 1970.
func windows(s *window.Spec, t int64) []span {
	switch s.Kind {
	case window.Global:
		return globalWindow(t)
	}
	at, every, size := big.NewInt(t), big.NewInt(s.Every), big.NewInt(s.Size)
	start := new(big.Int).Sub(at, big.NewInt(s.Offset))
	start.Div(start, every) // rounds down: every is positive
	start.Mul(start, every).Add(start, big.NewInt(s.Offset))
	var out []span
	for {
		end := new(big.Int).Add(start, size)
		if end.Cmp(at) <= 0 {
			break
		}
		if start.IsInt64() && end.IsInt64() && !(s.Clamp && start.Sign() < 0) {
			out = append(out, span{start.Int64(), end.Int64()})
		}
		start.Sub(start, every)
	}
	slices.Reverse(out)
	return out
}
