package sim

import (
	"time"

	"parallax/sim/fault"
)

// Fault family "crash-loop": a process dies again and again, soon after it has come
// back.
//
// What it does: two to five crashes in a row, each a fault of its own; the node is
// down for 1 to 20 ms and lives for up to 40 ms (a twenty-fifth of a slot), which is about the time that recovery
// and the first writes take.
//
// What the code must survive: many incarnations of which none has got far: files of
// several boots next to each other, each with a torn beginning; removals that never
// became durable; peers that see one node come back five times.
//
// What it may excuse: unavailability of the node while it lasts.

// planLoop makes a row of crashes of one.
func (w *World) planLoop(f fault.Fault) {
	first := uint64(f.Name)
	for i := range 2 + below(w.draw(f.Family, first, 3), 4) {
		name := join(first, i)
		f.Name, f.Lasts = fault.Name(name), time.Duration(w.amount(nil, f.Family, name))
		w.queueFault(f)
		f.At += f.Lasts + time.Duration(below(w.draw(f.Family, name, 4), uint64(w.opts.Slot/25)))
	}
}
