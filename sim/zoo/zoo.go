package zoo

import (
	"slices"

	"parallax/sim/cluster"
)

// Defect is a mistake that can be built in.
type Defect struct {
	Name      string
	Layer     string // log, worker, view, …: where the wrong step is
	Reference string // where such a bug is described, or what it is like
	Mechanism string // what is done wrong, in our words
	// Properties are those that may find it, by name; none means that it has many
	// faces.
	Properties []string
	Plant      func(*cluster.Options)
}

// all defects, by layer. Whoever adds one adds its line here.
var all = []*Defect{
	&eagerAck, &eagerReack, &noDedup, &earlyRead, &uncommittedRead, &tornTail,
	&unsynced, &truncatedLog, &logHole, &overdraw,
	&renumber, &shortList,
	&refire, &inclusiveEnd, &purge, &shortGap, &truncatedModulo, &wallClock,
	&loseState, &publishTwice, &skipSpan, &earlyWatermark, &earlyCheckpoint,
	&earlyPin, &earlySweep, &blindSwap,
	&poisonPill,
	&revisionsOnTime, &muteSessions, &hastyState, &hoardedState, &amnesia,
	&eagerAnswer, &noCompare,
}

// All lists the defects.
func All() []*Defect { return slices.Clone(all) }

// Find returns a defect by name.
func Find(name string) (*Defect, bool) {
	i := slices.IndexFunc(all, func(d *Defect) bool { return d.Name == name })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// Names are those of all defects.
func Names() []string {
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.Name
	}
	return names
}

// Expects reports whether a property is one that may find the defect.
func (d *Defect) Expects(property string) bool {
	return len(d.Properties) == 0 || slices.Contains(d.Properties, property)
}
