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

	Count // the number of families and one
)

// Group is what a family breaks.
type Group string

// The groups.
const (
	Network Group = "network"
	Process Group = "process"
	Disk    Group = "disk"
)

// about is what there is to know of a family.
type about struct {
	name  string
	group Group
	usual Strength
	// byCrash: it strikes as part of a fault that kills a process, and is written
	// down in that one's losses.
	byCrash bool
}

const (
	ms = 1_000_000     // ns
	s  = 1_000_000_000 // ns
)

// families are described in their order. Rates suit runs of some seconds with small
// clusters.
var families = [Count]about{
	None:           {},
	Drop:           {"drop", Network, Strength{Rate: 20_000}, false},
	Duplicate:      {"duplicate", Network, Strength{Rate: 20_000, Most: 20 * ms}, false},
	Reorder:        {"reorder", Network, Strength{Rate: 20_000, Least: 1, Most: 20 * ms}, false},
	Slow:           {"slow", Network, Strength{Rate: 10_000, Least: 1, Most: 200 * ms}, false},
	Sever:          {"sever", Network, Strength{Rate: 40_000, Least: 1, Most: 2 * s}, false},
	OneWay:         {"one-way", Network, Strength{Rate: 40_000, Least: 1, Most: 2 * s}, false},
	Crash:          {"crash", Process, Strength{Rate: 100_000, Least: 10 * ms, Most: s}, false},
	CrashAtPersist: {"crash-at-persist", Process, Strength{Rate: 10_000, Least: 10 * ms, Most: s}, false},
	Pause:          {"pause", Process, Strength{Rate: 100_000, Least: 1, Most: 2 * s}, false},
	SlowSync:       {"slow-sync", Disk, Strength{Rate: 50_000, Least: 1, Most: 100 * ms}, false},
	LostWrites:     {"lost-writes", Disk, Strength{Rate: 700_000}, true},
	TornWrite:      {"torn-write", Disk, Strength{Rate: 500_000}, true},
	LostRemoves:    {"lost-removes", Disk, Strength{Rate: 500_000}, true},
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

// ByCrash reports whether the family strikes as part of a fault that kills a process
// and is written down in the losses of that one.
func (f Family) ByCrash() bool { return families[f].byCrash }

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
