package source

import "parallax/sim/fault"

// Fault family "late-burst": what a source has to say is held up and comes all at once.
//
// What it does: everything that is due in a partition within up to 2 s arrives at the
// end of that while, batch behind batch, with the event times that it has.
//
// What the code must survive: many batches in one moment, also beyond a credit; rows
// that are late although their source was in time, by the frontiers of others if they
// were told of these.
//
// What it may excuse: nothing.

func (d *deliverer) burst(x *fault.Fault) bool {
	part, from := d.partition(x), x.At.Microseconds()
	to := from + x.Lasts.Microseconds()
	if part < 0 {
		return false
	}
	hit := false
	for i := range d.parts[part] {
		if r := &d.parts[part][i]; r.At >= from && r.At < to {
			r.At, hit = to, true
		}
	}
	return hit
}
