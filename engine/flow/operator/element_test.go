package operator

import (
	"math"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// TestVectorPerElement: a row behind the watermark is dropped though its window is
// open, and one that is allowed is kept by all its windows: those that have fired, and
// those that have not.
func TestVectorPerElement(t *testing.T) {
	for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
		s := newScriptOf(t, window.Tumble(10, 0), flow.Late{Rule: rule, PerElement: true})
		feed(s, 5, 3, 5, 8, 7, 12)
		s.want("k1 3=3@[0,10)", 3, 7)
		s = newScriptOf(t, window.Tumble(10, 0), flow.Late{Rule: rule})
		feed(s, 5, 3, 5, 8, 7, 12)
		s.want("k1 5=5@[0,10)")
		s = newScriptOf(t, window.Hop(10, 5, 0), flow.Late{Rule: rule, Allowed: 4, PerElement: true})
		feed(s, 3, 11, 7, 6, 20)
		s.want("k1 1=1@[-5,5), k1 1=1@[0,10), revision k1 2=2@[0,10), k1 2=2@[5,15), k1 1=1@[10,20)", 6)
		if c := s.windowed.Counts(0); c.RowsDropped != 1 || c.PairsDropped != 2 || c.PairsRevised != 1 || c.PairsOnTime != 7 || c.RowsBehind != 2 {
			t.Errorf("rule %s: %+v", rule, c)
		}
	}
}

// TestVectorPerElementSessions: no open session rescues a row that is too late by its
// own time (Arroyo); one that is allowed joins what it touches, as per window.
func TestVectorPerElementSessions(t *testing.T) {
	for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
		s := newScriptOf(t, window.Sessions(10, window.Overlapping), flow.Late{Rule: rule, PerElement: true})
		feed(s, 5, 3, 5, 40)
		s.want("k1 2=2@[5,15)", 3)
		s = newScriptOf(t, window.Sessions(10, window.Overlapping), flow.Late{Rule: rule, Allowed: 2, PerElement: true})
		feed(s, 5, 3, 2, 40)
		if c := s.windowed.Counts(0); c.RowsDropped != 1 || c.Rows != 4 {
			t.Errorf("rule %s: %+v, panes %v", rule, c, s.panes)
		}
	}
}

// TestVectorPerElementEndOfTime: what is allowed may reach beyond all time.
func TestVectorPerElementEndOfTime(t *testing.T) {
	s := newScriptOf(t, window.Tumble(10, 0), flow.Late{Allowed: math.MaxInt64, PerElement: true})
	s.row(1, math.MinInt64+10)
	s.frontier = math.MinInt64 + 11
	s.row(1, math.MinInt64+10)
	s.frontier = math.MaxInt64 - 20
	s.row(1, -1)
	s.row(1, -30) // as late as there is room for
	if s.advance(); len(s.dropped) != 1 {
		t.Errorf("dropped %v, panes %v", s.dropped, s.panes)
	}
}
