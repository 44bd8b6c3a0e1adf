package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var earlyRead = Defect{
	Name: "early-read", Layer: "log",
	Reference: "Z12, Redpanda: redpanda-data/redpanda#5090; Raft, section 8",
	Mechanism: "A leader serves reads as soon as it is elected, before it has applied an entry of its own " +
		"term: readers see the log shorter than what was acknowledged.",
	Properties: []string{"leader-complete"},
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectEarlyRead },
}
