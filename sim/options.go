package sim

import (
	"parallax/engine"
	"parallax/sim/fault"
)

// Options describe a world. The zero value is a calm one: seed 0, no faults,
// default costs, delays of 200 to 400 µs.
type Options struct {
	Seed    uint64
	Start   engine.Instant // of the world; an instant is also a point of event time
	Network Network
	// Faults is how often each family strikes.
	Faults fault.Plan
	// Frozen, unless it is nil, are the faults that strike, and no others do, whatever
	// Faults says: a list that World.Fired has given, or a part of one, or one that
	// was written by hand.
	Frozen []fault.Fault
	Costs  Costs
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
}

// AllFaults switches every family on at rates that suit runs of some seconds
// with small clusters.
func AllFaults(seed uint64) Options { return Options{Seed: seed, Faults: fault.Usual()} }

// Swarm chooses by the seed which families strike, each of them with a probability of
// six in ten, and how often: as in AllFaults, or in one of three cases three times as
// often. Those that strike do so at least once. What one family hides, the lack of
// another may show.
func Swarm(seed uint64) Options {
	o := AllFaults(seed)
	for _, f := range fault.All() {
		h := mix(mix(seed*golden) + uint64(f)*golden)
		s := &o.Faults[f]
		switch {
		case below(h, 10) >= 6:
			*s = fault.Strength{}
		case below(mix(h), 3) == 0:
			s.Rate = min(3*s.Rate, 1_000_000)
		}
		s.Sure = s.Rate != 0
	}
	return o
}

// fill puts the defaults in.
func (o *Options) fill() {
	if o.Network.DelayMin == 0 && o.Network.DelayMax == 0 {
		o.Network.DelayMin, o.Network.DelayMax = 200*engine.Microsecond, 400*engine.Microsecond
	}
	o.Network.DelayMax = max(o.Network.DelayMin, o.Network.DelayMax)
	o.Faults.Fill()
	if o.Slot == 0 {
		o.Slot = engine.Second
	}
	if o.InboxMax == 0 {
		o.InboxMax = 1 << 16
	}
	if o.Costs.Version == 0 {
		o.Costs = DefaultCosts()
	}
}

// named reports whether messages and writes need causal names.
func (o *Options) named() bool {
	if o.Network.DelayMin != o.Network.DelayMax || len(o.Frozen) > 0 {
		return true
	}
	return o.any(func(f fault.Family) bool { return !f.Timed() })
}

// slotted reports whether any fault comes with time.
func (o *Options) slotted() bool { return o.Frozen == nil && o.any(fault.Family.Timed) }

// any reports whether one of some families strikes.
func (o *Options) any(of func(fault.Family) bool) bool {
	for _, f := range fault.All() {
		if of(f) && o.Faults[f].Rate != 0 {
			return true
		}
	}
	return false
}
