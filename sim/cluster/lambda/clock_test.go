package lambda

import (
	"testing"

	"parallax/engine"
)

// TestVectorClock: an instant that a clock has shown for a while, because it stood still,
// may have been any of that while, and the first is taken; of one between two readings, the
// earlier one is.
func TestVectorClock(t *testing.T) {
	c := clock{readings: []reading{{10, 10}, {20, 20}, {25, 40}, {90, 45}}}
	for _, v := range []struct {
		shown, at engine.Instant
		ok        bool
	}{{10, 10, true}, {20, 20, true}, {24, 20, true}, {26, 40, true}, {90, 45, true}, {91, 45, true}, {9, 0, false}} {
		if at, ok := c.when(v.shown); at != v.at || ok != v.ok {
			t.Errorf("%d: %d, %v; should be %d, %v", v.shown, at, ok, v.at, v.ok)
		}
	}
}
