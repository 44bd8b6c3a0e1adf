package source

import "parallax/sim/fault"

// Fault family "duplicate-row": a source delivers a row twice.
//
// What it does: a row comes again, up to 500 ms later, in a batch of its own. It is
// another record of the log, with another offset; nothing tells it from two equal
// things that have happened.
//
// What the code must survive: nothing that is wrong, but everything that is rare: the
// copy may be late where the row was not. A job that counts rows counts both; that is
// its answer, and the oracle's. What makes one of them is a job that deduplicates.
//
// What it may excuse: nothing.

func (d *deliverer) duplicate(x *fault.Fault) bool {
	r := d.at(x)
	if r == nil {
		return false
	}
	x.Amount = 0
	again := *r
	again.At += x.Lasts.Microseconds()
	again.Lot, again.Changed = -1-len(d.parts[again.Partition]), true
	d.parts[again.Partition] = append(d.parts[again.Partition], again)
	return true
}
