package zoo

import "parallax/sim/cluster"

var hoardedState = Defect{
	Name: "hoarded-state", Layer: "operator",
	Reference:  "State without an end, as an operator that never cleans up",
	Mechanism:  "The state of windows is never freed: answers stay right, and memory grows for ever.",
	Properties: []string{"state-bounded"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "hoard" },
}
