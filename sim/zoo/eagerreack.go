package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var eagerReack = Defect{
	Name: "eager-reack", Layer: "log",
	Reference: "Z21, Pulsar: apache/pulsar#5218, fixed by apache/pulsar#5243",
	Mechanism: "A batch comes a second time while its first copy is written and not yet committed. The " +
		"leader knows it, and says that it is stored: the answer to a retry reveals what the first " +
		"answer still waits for.",
	Properties: []string{"nothing-lost", "leader-complete", "catches-up"},
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectEagerReack },
}
