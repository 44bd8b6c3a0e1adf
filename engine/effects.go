package engine

// Effects is everything that a step wants from the world, as data. The driver
// hands in an empty value and carries it out when Step returns.
type Effects struct {
	// Persists are appended in order and made durable in groups.
	Persists []Persist
	// Sends leave once every Persist issued so far by this node, this step's
	// included, is durable.
	Sends []Envelope
	// Eager leaves now; it must reveal nothing that is not durable.
	Eager []Envelope
	// Removes delete files after those Persists. A crash may undo them, so that
	// a removed file is there again at the next Start.
	Removes []string
	// Timers run on the node's own clock.
	Timers []Timer
	// Work is the virtual CPU time charged for this step, in nanoseconds, on top
	// of the driver's own cost per message and byte.
	Work int64
	// Fatal, if set, discards everything else in this step; the node stays down
	// until an operator acts.
	Fatal error
}

// Persist appends Data to File, which must not exist yet or have been created
// by this incarnation. Then leaves when it is durable, in issue order. A nil
// Data is a barrier: nothing is written, Then leaves when all earlier Persists
// are durable.
type Persist struct {
	File string
	Data []byte
	Then []Envelope
}

// Timer delivers Msg to its own node after After nanoseconds. A timer with the
// same key replaces the earlier one; a negative After cancels it.
type Timer struct {
	Key   uint64
	After int64
	Msg   Message
}

// Send queues a message behind everything persisted so far.
func (fx *Effects) Send(to NodeID, m Message) {
	fx.Sends = append(fx.Sends, Envelope{To: to, Msg: m})
}

// SendEager queues a message that reveals nothing undurable.
func (fx *Effects) SendEager(to NodeID, m Message) {
	fx.Eager = append(fx.Eager, Envelope{To: to, Msg: m})
}

// Persist appends data to a file of this incarnation; then leaves when the
// bytes are durable.
func (fx *Effects) Persist(file string, data []byte, then ...Envelope) {
	fx.Persists = append(fx.Persists, Persist{File: file, Data: data, Then: then})
}

// After sets the timer key to fire in after nanoseconds.
func (fx *Effects) After(key uint64, after int64, m Message) {
	fx.Timers = append(fx.Timers, Timer{Key: key, After: after, Msg: m})
}

// Cancel cancels the timer key, if it runs.
func (fx *Effects) Cancel(key uint64) {
	fx.Timers = append(fx.Timers, Timer{Key: key, After: -1})
}

// Remove deletes a file once everything persisted so far is durable.
func (fx *Effects) Remove(file string) {
	fx.Removes = append(fx.Removes, file)
}

// Reset empties fx and keeps its memory for the next step. Most slices of most
// steps are empty, and are not touched.
func (fx *Effects) Reset() {
	if len(fx.Persists) > 0 {
		clear(fx.Persists)
		fx.Persists = fx.Persists[:0]
	}
	if len(fx.Sends) > 0 {
		clear(fx.Sends)
		fx.Sends = fx.Sends[:0]
	}
	if len(fx.Eager) > 0 {
		clear(fx.Eager)
		fx.Eager = fx.Eager[:0]
	}
	if len(fx.Timers) > 0 {
		clear(fx.Timers)
		fx.Timers = fx.Timers[:0]
	}
	fx.Removes = fx.Removes[:0]
	fx.Work, fx.Fatal = 0, nil
}

// Writes reports whether the step appends to a file.
func (fx *Effects) Writes() bool {
	for i := range fx.Persists {
		if fx.Persists[i].Data != nil {
			return true
		}
	}
	return false
}
