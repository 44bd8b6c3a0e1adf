package sim

import "parallax/engine"

// Rate is a probability in parts per million.
type Rate uint32

// Options describe a world. The zero value is a calm one: seed 0, no faults,
// default costs, delays of 200 to 400 µs.
type Options struct {
	Seed    uint64
	Start   engine.Instant // of the world; an instant is also a point of event time
	Network Network
	Storage Storage
	Process Process
	Costs   Costs
	// Slot is the period, in ns, of the faults that come with time and not with
	// a message: crashes, pauses, severed links. In every slot each node and each
	// pair of nodes is hit with its rate. 0 means one second.
	Slot int64
	// InboxMax bounds the messages that wait for a node: those from others
	// beyond it are lost, as at a full socket. 0 means 65,536.
	InboxMax int
	// FatalAllowed lets a run go on when an actor reports Fatal or panics. The
	// node stays down either way.
	FatalAllowed bool
	// Reproduce is the line that a failure prints for whoever wants to see it
	// again; empty means the seed.
	Reproduce string
}

// Network is the behaviour of all links. Every directed link keeps its order, as
// a stream connection does, but for what the faults do.
type Network struct {
	DelayMin, DelayMax int64 // ns; a message's delay lies between them; both 0 mean 200 to 400 µs

	Drop      Rate // of a message
	Duplicate Rate // of a message
	Reorder   Rate // of a message
	Slow      Rate // of a message
	Sever     Rate // of a pair of nodes in a slot

	ReorderMax int64 // ns; 0 means 20 ms
	SlowMax    int64 // ns; 0 means 200 ms
	SeverMax   int64 // ns; 0 means 2 s
}

// Storage is the behaviour of all disks, beyond what any crash does to unsynced
// writes.
type Storage struct {
	SlowSync    Rate  // of a group commit
	SlowSyncMax int64 // ns; 0 means 100 ms
}

// Process is the behaviour of all nodes.
type Process struct {
	Crash          Rate // of a node in a slot
	CrashAtPersist Rate // of a persist
	Pause          Rate // of a node in a slot

	DownMin, DownMax int64 // ns a crashed node stays down; both 0 mean 10 ms to 1 s
	PauseMax         int64 // ns; 0 means 2 s
}

// AllFaults switches every family on at rates that suit runs of some seconds
// with small clusters.
func AllFaults(seed uint64) Options {
	return Options{
		Seed: seed,
		Network: Network{
			Drop: 20_000, Duplicate: 20_000, Reorder: 20_000, Slow: 10_000, Sever: 100_000,
		},
		Storage: Storage{SlowSync: 50_000},
		Process: Process{Crash: 100_000, CrashAtPersist: 10_000, Pause: 100_000},
	}
}

// Swarm chooses by the seed how often each family strikes: in every other run all of
// them as in AllFaults, in the rest each never, as there, or three times as often.
// What one family hides, the lack of another may show.
func Swarm(seed uint64) Options {
	o := AllFaults(seed)
	if seed%2 == 1 {
		return o
	}
	for i, rate := range [...]*Rate{
		&o.Network.Drop, &o.Network.Duplicate, &o.Network.Reorder, &o.Network.Slow, &o.Network.Sever,
		&o.Storage.SlowSync, &o.Process.Crash, &o.Process.CrashAtPersist, &o.Process.Pause,
	} {
		*rate *= [...]Rate{0, 1, 1, 3}[mix(mix(seed*golden)+uint64(i)*golden)%4]
	}
	return o
}

// orDefault replaces a zero.
func orDefault(v *int64, ns int64) {
	if *v == 0 {
		*v = ns
	}
}

// fill puts the defaults in.
func (o *Options) fill() {
	if o.Network.DelayMin == 0 && o.Network.DelayMax == 0 {
		o.Network.DelayMin, o.Network.DelayMax = 200*engine.Microsecond, 400*engine.Microsecond
	}
	o.Network.DelayMax = max(o.Network.DelayMin, o.Network.DelayMax)
	orDefault(&o.Network.ReorderMax, 20*engine.Millisecond)
	orDefault(&o.Network.SlowMax, 200*engine.Millisecond)
	orDefault(&o.Network.SeverMax, 2*engine.Second)
	orDefault(&o.Storage.SlowSyncMax, 100*engine.Millisecond)
	if o.Process.DownMin == 0 && o.Process.DownMax == 0 {
		o.Process.DownMin, o.Process.DownMax = 10*engine.Millisecond, engine.Second
	}
	o.Process.DownMax = max(o.Process.DownMin, o.Process.DownMax)
	orDefault(&o.Process.PauseMax, 2*engine.Second)
	orDefault(&o.Slot, engine.Second)
	if o.InboxMax == 0 {
		o.InboxMax = 1 << 16
	}
	if o.Costs.Version == 0 {
		o.Costs = DefaultCosts()
	}
}

// named reports whether messages need causal names.
func (o *Options) named() bool {
	n := &o.Network
	return n.DelayMin != n.DelayMax || n.Drop|n.Duplicate|n.Reorder|n.Slow|o.Storage.SlowSync|o.Process.CrashAtPersist != 0
}

// slotted reports whether any fault comes with time.
func (o *Options) slotted() bool {
	return o.Network.Sever|o.Process.Crash|o.Process.Pause != 0
}
