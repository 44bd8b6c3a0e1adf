package oracle

import (
	"math/big"
	"slices"

	"parallax/engine/flow/window"
)

// span is a window [start, end).
type span struct{ start, end int64 }

// Assigner says which windows hold a time; sessions it does not know. It remembers
// those of a calendar, which take long to find.
type Assigner struct {
	spec   *window.Spec
	clocks *clocks
	known  []span
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
		return windows(a.spec, t)
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
