package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var skipSpan = Defect{
	Name: "skip-span", Layer: "worker",
	Reference:  "An output buffer that is dropped on its way",
	Mechanism:  "The panes of every eighth span never leave the worker, which goes on as if they had.",
	Properties: []string{"answer-exact"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.DefectSkipSpan },
}
