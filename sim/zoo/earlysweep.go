package zoo

import (
	"parallax/engine/kappa"
	"parallax/engine/kappa/vault"
	"parallax/sim/cluster"
)

var earlySweep = Defect{
	Name: "early-sweep", Layer: "worker",
	Reference: "Removing the old files before the pointer to the new ones is in place",
	Mechanism: "Objects that a new base replaces are removed from the store when the base is written, " +
		"before the head names it: the last checkpoint has lost its pieces.",
	Properties: []string{"checkpoint-sound"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.Defect(vault.DefectEarlySweep) },
}
