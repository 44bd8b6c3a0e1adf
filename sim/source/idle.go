package source

import "parallax/sim/fault"

// Fault family "idle-partition": the source of a partition is silent for a while.
//
// What it does: for up to 3 s nothing comes. Then the source goes on where it was, at
// the pace at which it goes: everything from there on arrives as much later, with the
// event times that it has. A partition is silent for no more than 4 s in all.
//
// What the code must survive: a least watermark that does not move, until the partition
// is told how far the others are; then rows that are behind that.
//
// What it may excuse: nothing; the feed ends later.

// silentMaxUs is how long a partition is silent in all, at most, at pace 1.
const silentMaxUs = 4_000_000

func (d *deliverer) idle(x *fault.Fault) bool {
	part, from, us := d.partition(x), x.At.Microseconds(), x.Lasts.Microseconds()
	if part < 0 || d.silent[part]+us > silentMaxUs*d.pace {
		return false
	}
	hit := false
	for i := range d.parts[part] {
		if r := &d.parts[part][i]; r.At >= from {
			r.At += us
			hit = true
		}
	}
	if hit {
		d.silent[part] += us
	}
	return hit
}
