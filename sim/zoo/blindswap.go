package zoo

import (
	"parallax/engine/kappa"
	"parallax/engine/kappa/vault"
	"parallax/sim/cluster"
)

var blindSwap = Defect{
	Name: "blind-swap", Layer: "worker",
	Reference: "A pointer in an object store that is written without a condition",
	Mechanism: "The head of the checkpoints is put in place whatever it is by then: a request of an attempt " +
		"that is over, or a copy of an old one, makes an old checkpoint the last one.",
	Properties: []string{"checkpoint-sound"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.Defect(vault.DefectBlindSwap) },
}
