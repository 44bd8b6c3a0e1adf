package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var poisonPill = Defect{
	Name: "poison-pill", Layer: "worker",
	Reference:  "A consumer that ends with the first record that it cannot decode, whenever it is started",
	Mechanism:  "The worker gives up over a record that the job cannot use, instead of refusing and counting it.",
	Properties: []string{"never-fatal"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.DefectPoisonPill },
}
