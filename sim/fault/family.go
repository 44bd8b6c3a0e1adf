package fault

import (
	"fmt"
	"slices"
)

// Family is a way for things to go wrong. Its model, which says what the code must
// survive, is at the top of the file fault_<family>.go of the package that strikes.
type Family uint8

// The families. New ones go to the end: their order is part of every golden hash.
const (
	None Family = iota

	// Of messages between two nodes.
	Drop
	Duplicate
	Reorder
	Slow

	// Of links.
	Sever
	OneWay

	// Of processes.
	Crash
	CrashAtPersist
	Pause

	// Of disks.
	SlowSync
	LostWrites
	TornWrite
	LostRemoves

	// More of links and processes.
	Clog
	CrashLoop
	SlowNode

	// More of disks. Those that damage what was durable come last.
	SyncFails
	Full
	BitRot
	Misdirected
	ReadError

	// Of clocks.
	Skew
	Drift
	Jump
	Freeze

	// Of the code itself.
	OddWay
	// Of sources: what comes in is late, silent, double or not what it should be.
	LateBurst
	IdlePartition
	DuplicateRow
	ProducerRetry
	PoisonRow
	MalformedRow
	SchemaChange
	FarFuture

	Count // the number of families and one
)

// Group is what a family breaks.
type Group string

// The groups.
const (
	Network Group = "network"
	Process Group = "process"
	Disk    Group = "disk"
	Clock   Group = "clock"
	Code    Group = "code"
	Source  Group = "source"
)

// about is what there is to know of a family.
type about struct {
	name  string
	group Group
	usual Strength
}

const (
	ms = 1_000_000     // ns
	s  = 1_000_000_000 // ns
)

// families are described in their order. Rates suit runs of some seconds with small
// clusters.
var families = [Count]about{
	None:           {},
	Drop:           {"drop", Network, Strength{Rate: 20_000}},
	Duplicate:      {"duplicate", Network, Strength{Rate: 20_000, Most: 500 * ms}},
	Reorder:        {"reorder", Network, Strength{Rate: 20_000, Least: 1, Most: 100 * ms}},
	Slow:           {"slow", Network, Strength{Rate: 10_000, Least: 1, Most: 200 * ms}},
	Sever:          {"sever", Network, Strength{Rate: 40_000, Least: 1, Most: 2 * s}},
	OneWay:         {"one-way", Network, Strength{Rate: 40_000, Least: 1, Most: 2 * s}},
	Crash:          {"crash", Process, Strength{Rate: 100_000, Least: 10 * ms, Most: s}},
	CrashAtPersist: {"crash-at-persist", Process, Strength{Rate: 10_000, Least: 10 * ms, Most: s}},
	Pause:          {"pause", Process, Strength{Rate: 100_000, Least: 1, Most: 2 * s}},
	SlowSync:       {"slow-sync", Disk, Strength{Rate: 50_000, Least: 1, Most: 100 * ms}},
	LostWrites:     {"lost-writes", Disk, Strength{Rate: 2_000, Least: 10 * ms, Most: s}},
	TornWrite:      {"torn-write", Disk, Strength{Rate: 2_000, Least: 10 * ms, Most: s}},
	LostRemoves:    {"lost-removes", Disk, Strength{Rate: 100_000, Least: 10 * ms, Most: s}},
	Clog:           {"clog", Network, Strength{Rate: 40_000, Least: 1, Most: s}},
	CrashLoop:      {"crash-loop", Process, Strength{Rate: 20_000, Least: ms, Most: 20 * ms}},
	SlowNode:       {"slow-node", Process, Strength{Rate: 40_000, Least: 100 * ms, Most: 2 * s}},
	SyncFails:      {"sync-fails", Disk, Strength{Rate: 2_000, Least: 10 * ms, Most: s}},
	Full:           {"full", Disk, Strength{Rate: 20_000, Least: 200 * ms, Most: s}},
	BitRot:         {"bit-rot", Disk, Strength{Rate: 200_000}},
	Misdirected:    {"misdirected", Disk, Strength{Rate: 200_000}},
	ReadError:      {"read-error", Disk, Strength{Rate: 200_000}},
	Skew:           {"skew", Clock, Strength{Rate: 700_000, Least: 1, Most: 500 * ms}},
	Drift:          {"drift", Clock, Strength{Rate: 700_000, Least: -50_000, Most: 50_000}},
	Jump:           {"jump", Clock, Strength{Rate: 30_000, Least: 1, Most: 2 * s}},
	Freeze:         {"freeze", Clock, Strength{Rate: 30_000, Least: 1, Most: s}},
	OddWay:         {"odd-way", Code, Strength{Rate: 20_000}},
	LateBurst:      {"late-burst", Source, Strength{Rate: 100_000, Least: 200 * ms, Most: 2 * s}},
	IdlePartition:  {"idle-partition", Source, Strength{Rate: 30_000, Least: 500 * ms, Most: 3 * s}},
	DuplicateRow:   {"duplicate-row", Source, Strength{Rate: 20_000, Most: 500 * ms}},
	ProducerRetry:  {"producer-retry", Source, Strength{Rate: 20_000}},
	PoisonRow:      {"poison-row", Source, Strength{Rate: 10_000}},
	MalformedRow:   {"malformed-row", Source, Strength{Rate: 10_000}},
	SchemaChange:   {"schema-change", Source, Strength{Rate: 10_000}},
	FarFuture:      {"far-future-row", Source, Strength{Rate: 2_000, Least: s, Most: 60 * s}},
}

// All lists the families in their order.
func All() []Family {
	list := make([]Family, 0, Count-1)
	for f := None + 1; f < Count; f++ {
		list = append(list, f)
	}
	return list
}

// Group is what the family breaks.
func (f Family) Group() Group { return families[f].group }

// Timed reports whether the family's faults come with time, and not with a message, a
// write or a node's first boot.
func (f Family) Timed() bool {
	switch f {
	case Sever, OneWay, Clog, Crash, CrashLoop, Pause, SlowNode, Full, BitRot, Misdirected, ReadError, Jump, Freeze:
		return true
	}
	return false
}

// OfMessage reports whether each of the family's faults hits one message.
func (f Family) OfMessage() bool {
	return f == Drop || f == Duplicate || f == Reorder || f == Slow || f == ProducerRetry
}

// OfRows reports whether the family's faults hit the rows of a source, before anybody
// has sent them: what strikes is known when the world begins.
func (f Family) OfRows() bool { return f.Group() == Source && f != ProducerRetry }

// OfOneRow reports whether each of the family's faults hits one row. The other faults
// of rows last a while and hit whatever is due then.
func (f Family) OfOneRow() bool { return f.OfRows() && f != LateBurst && f != IdlePartition }

// Damages reports whether the family changes what was durable. Then it strikes only
// where enough replicas stay whole.
func (f Family) Damages() bool { return f == BitRot || f == Misdirected || f == ReadError }

// String is the family's name.
func (f Family) String() string {
	if f == None || f >= Count {
		return fmt.Sprintf("family %d", uint8(f))
	}
	return families[f].name
}

// Parse finds a family by its name.
func Parse(name string) (Family, error) {
	i := slices.IndexFunc(families[:], func(a about) bool { return a.name == name && name != "" })
	if i < 0 {
		return None, fmt.Errorf("fault: there is no family %q", name)
	}
	return Family(i), nil
}

// MarshalText is the family's name.
func (f Family) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads a family's name.
func (f *Family) UnmarshalText(text []byte) (err error) {
	*f, err = Parse(string(text))
	return err
}
