package source

import (
	"math"

	"parallax/sim/fault"
)

// Fault family "far-future-row": somebody's clock is wrong.
//
// What it does: a row has an event time that lies far ahead of its own, by up to a
// minute.
//
// What the code must survive: a frontier that leaps. Without ahead_max everything that
// its partition holds from there on is late, and is counted as that; with it the row is
// refused and time goes on as if it had not been there. Brokers, who know of a batch
// only its greatest time, may tell idle partitions of it.
//
// What it may excuse: nothing. What is late follows from the log.

func (d *deliverer) farFuture(x *fault.Fault) bool {
	r := d.at(x)
	ahead := x.Lasts.Microseconds()
	if r == nil || ahead <= 0 || r.Time > math.MaxInt64/2-ahead {
		return false
	}
	r.Time += ahead
	x.Amount = 0
	r.Changed = true
	return true
}
