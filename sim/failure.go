package sim

import (
	"errors"
	"fmt"

	"parallax/engine"
)

var (
	errNoNode  = errors.New("sim: message to a node that was never booted")
	errPanic   = errors.New("sim: panic")
	errHeldMax = errors.New("sim: too many messages wait for persists")
	errOwnMax  = errors.New("sim: too many messages to oneself")
	errPending = errors.New("sim: too many events are pending")
)

// Limits of what cannot be dropped: beyond them the run fails, because an actor
// floods itself or its disk.
const (
	heldMax    = 1 << 18 // messages of a node that wait for persists
	ownMax     = 1 << 18 // messages and timers of its own in a node's inbox
	pendingMax = 1 << 22 // events in the queue of a world
)

// Failure is why a run stopped: an invariant, a Fatal or a panic, with the place
// in the run and a line that reproduces it. The trace up to that event is the
// same in every run of the same options.
type Failure struct {
	Event     uint64 // number of the event, from 1
	At        engine.Instant
	Node      string // empty for an invariant of the whole world
	Err       error
	Reproduce string
	Stack     []byte // of a panic, else nil
}

// Error is one line.
func (f *Failure) Error() string {
	node := ""
	if f.Node != "" {
		node = " " + f.Node + ":"
	}
	return fmt.Sprintf("event %d at %d ns:%s %v (reproduce: %s)", f.Event, int64(f.At), node, f.Err, f.Reproduce)
}

// Unwrap gives the invariant's or the actor's own error.
func (f *Failure) Unwrap() error { return f.Err }

// fail stops the run; the first failure stays.
func (w *World) fail(node string, err error, stack []byte) {
	if w.failure != nil {
		return
	}
	line := w.opts.Reproduce
	if line == "" {
		line = fmt.Sprintf("seed %d", w.opts.Seed)
	}
	w.failure = &Failure{
		Event: w.stats.Events, At: engine.Instant(w.now), Node: node, Err: err, Reproduce: line, Stack: stack,
	}
}
