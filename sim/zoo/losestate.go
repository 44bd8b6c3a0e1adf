package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var loseState = Defect{
	Name: "lose-state", Layer: "worker",
	Reference:  "A stateful worker whose checkpoint is not restored",
	Mechanism:  "After a restart the worker begins at the view's cut with nothing in its windows.",
	Properties: []string{"answer-exact", "rows-conserved", "state-bounded", "crash-invariant"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.DefectLoseState },
}
