package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var publishTwice = Defect{
	Name: "publish-twice", Layer: "worker",
	Reference: "A sink that retries without knowing where it stands",
	Mechanism: "Every eighth span is published again from where it began, although the view has it.",
	Plant:     func(o *cluster.Options) { o.Worker.Defect = kappa.DefectPublishTwice },
}
