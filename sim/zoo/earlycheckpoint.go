package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var earlyCheckpoint = Defect{
	Name: "early-checkpoint", Layer: "worker",
	Reference: "Committing the position before the output",
	Mechanism: "A checkpoint is written before the view has taken the span that it belongs to: after a " +
		"crash the worker is ahead of the view, and the span is nowhere.",
	Plant: func(o *cluster.Options) { o.Worker.Defect = kappa.DefectEarlyCheckpoint },
}
