// Package calibrate measures what a machine's processor, disk and loopback take, and
// proposes a table of costs for simulated worlds (package bench/costs).
//
// The idea: each price is measured by the code that a real deployment runs, the real
// driver (package engine/osenv) and the row path, and not by a model of them. A price of
// bytes is the slope between a small and a large one of the same thing. Of several
// tries the quickest counts: whatever else a machine does only makes it slower.
//
// What it cannot tell: the wire of a real network, because loopback has none, and a cold
// disk's reads, because what was just written is in the system's cache. Those prices are
// floors.
//
// The invariant: what is measured is proposed and used by nothing. Whoever commits it
// gives it a version and a name, and all results have another hash from then on.
//
// The package is empty under GOOS=js and GOOS=wasip1, which have neither sockets nor
// fsync.
package calibrate
