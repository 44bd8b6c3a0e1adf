package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var noDedup = Defect{
	Name: "no-dedup", Layer: "log",
	Reference: "Any at-least-once log without idempotent producers",
	Mechanism: "The sequence of a producer's batch is not compared with what the log has: a retry whose " +
		"first copy was stored is stored again.",
	Properties: []string{"nothing-twice"},
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectNoDedup },
}
