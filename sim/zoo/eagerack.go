package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var eagerAck = Defect{
	Name: "eager-ack", Layer: "log",
	Reference: "The rule of output commit turned off by hand",
	Mechanism: "A leader acknowledges a batch when it proposes it, before a quorum has it on disk: a " +
		"crash, or another leader, takes what was promised.",
	Properties: []string{"nothing-lost", "leader-complete", "catches-up"},
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectEagerAck },
}
