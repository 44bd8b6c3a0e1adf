// Package sim is the simulated world: one of the two drivers of the contract in
// package engine. It runs any number of actors in one thread, on a virtual
// clock, over a network, disks and processors that have capacities and that
// break on purpose.
//
// The idea. A [World] is a queue of (instant, sequence). Every source of chance
// is a hash of the run's seed and of a name; nothing is drawn from a shared
// random stream, so a fault stays with the message, write or time slot that it
// hit when others are removed from the run. Every event, write and fault goes
// into a running trace hash. Virtual time is integer nanoseconds, virtual cost
// comes from a versioned table ([Costs]).
//
// The invariant: a world's trace is a function of its [Options] and of the calls
// made on it, and of nothing else. No map is ranged over, no clock is read, no
// goroutine is started, and two worlds share no variable.
//
// Faults have identities, and a run's can be written down and struck again, see
// package sim/fault, [World.Fired] and [Options].
//
// What the drivers owe to actors is written in package engine. What this driver
// may do to them within that contract is written at the top of the fault_*.go
// files, one family per file: what it does, what the code must survive, what it
// may excuse.
//
// Node ids are 1, 2, 3 … in the order of [World.Boot]; id 0 is the world
// outside, the sender of injected messages that name no other.
//
// Package sim/counter is the running example: a replicated counter, its clients
// and its invariants.
package sim
