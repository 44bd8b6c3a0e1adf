package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var uncommittedRead = Defect{
	Name: "uncommitted-read", Layer: "log",
	Reference:  "Reading to the end of a leader's log rather than to the committed offset",
	Mechanism:  "A leader shows readers what only it has: another leader may replace it by something else.",
	Properties: []string{"reads-committed"},
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectUncommittedRead },
}
