package zoo

import (
	"parallax/engine/kappa"
	"parallax/engine/kappa/vault"
	"parallax/sim/cluster"
)

var earlyPin = Defect{
	Name: "early-pin", Layer: "worker",
	Reference: "Letting go of the input before the position in it is committed",
	Mechanism: "The worker tells the log what it may give up when a checkpoint is on its way to the object " +
		"store, before the head names it: after a crash the last checkpoint needs what is gone.",
	Properties: []string{"checkpoint-sound"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.Defect(vault.DefectEarlyPin) },
}
