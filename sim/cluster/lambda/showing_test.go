package lambda

import (
	"slices"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
)

// TestVectorShowing: while two brokers take themselves for the leader, what is shown is the
// lesser end; while none does, or one has not yet what its predecessors committed, it is
// what was shown last.
func TestVectorShowing(t *testing.T) {
	status := func(leads, ready bool, end int64) []commitlog.PartitionStatus {
		return []commitlog.PartitionStatus{{Leads: leads, Ready: ready, End: protocol.Cut{Offset: end}}}
	}
	var s showing
	s.note(10, 1, status(false, false, 0))
	s.note(20, 1, status(true, true, 5))
	s.note(30, 2, status(true, false, 3))
	s.note(40, 2, status(true, true, 9))
	s.note(50, 1, status(false, false, 5))
	s.note(60, 2, status(true, true, 12))
	s.note(70, 2, status(false, false, 12))
	for at, want := range map[int64]int64{20: -1, 21: 5, 31: 5, 41: 5, 51: 9, 60: 9, 61: 12, 90: 12} {
		if got := s.before(engine.Instant(at)); !slices.Equal(got, []int64{want}) {
			t.Errorf("before %d: %v, should be %d", at, got, want)
		}
	}
	if got := s.before(10); got != nil {
		t.Errorf("before the first: %v", got)
	}
}
