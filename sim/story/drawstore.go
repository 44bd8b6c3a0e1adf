package story

import (
	"slices"

	"parallax/engine"
)

// drawStore has one story in four keep the worker's checkpoints in an object store, which
// is busy at times and loses replies. In half of these the worker loses its disk, once,
// which then must not matter. The others are as they would be without this.
func drawStore(d draws, s *Story) {
	if !d.chance(4) {
		return
	}
	s.Sizes.Store = Store{
		On: true, Busy: pick[uint32](d, 0, 100_000, 300_000), Lost: pick[uint32](d, 0, 100_000, 300_000),
		Slow: pick[uint32](d, 0, 200_000),
	}
	if !d.chance(2) {
		return
	}
	r := Restart{At: d.Int64N(stormNs / engine.Microsecond), Node: "worker", NewDisk: true}
	at := slices.IndexFunc(s.Restarts, func(o Restart) bool { return o.At > r.At })
	if at < 0 {
		at = len(s.Restarts)
	}
	s.Restarts = slices.Insert(s.Restarts, at, r)
}
