package engine

import "math/rand/v2"

// Actor is a program as a state machine. Step must not keep fx, and must not
// use anything but its own state, the event and its Env.
type Actor interface {
	Step(ev Event, fx *Effects)
}

// Start makes an actor at its first boot and at every restart, from what Disk
// holds. Its effects are carried out like a step's. An error is Fatal.
type Start func(env Env, fx *Effects) (Actor, error)

// Env is what an incarnation knows of the world.
type Env struct {
	ID NodeID
	// Boot numbers the incarnations of a node: durable, strictly increasing,
	// the first is 1. Use it in the names of the files that this incarnation
	// creates.
	Boot uint32
	Now  Instant
	Disk Disk
	// Rand is the node's own generator, seeded by the run's seed, the node and
	// Boot.
	Rand *rand.Rand
	// Hooks is nil unless somebody looks for mistakes.
	Hooks Hooks
}

// Disk shows a node's files as they are durably stored. Everything visible at
// Start is durable. Reads are synchronous; the driver charges their cost.
type Disk interface {
	// Files lists the names in ascending order.
	Files() []string
	// Size is the durable length in bytes, 0 for a file that does not exist.
	Size(file string) int64
	// ReadAt reads like io.ReaderAt.
	ReadAt(file string, p []byte, off int64) (int, error)
}
