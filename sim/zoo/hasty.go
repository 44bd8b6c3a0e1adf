package zoo

import "parallax/sim/cluster"

var hastyState = Defect{
	Name: "hasty-state", Layer: "operator",
	Reference:  "Cleaning up at the end of a window, not at the end of its lateness",
	Mechanism:  "The state of a window is freed too early, so that a revision begins from nothing.",
	Properties: []string{"state-bounded"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "hasty" },
}
