package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var earlyWatermark = Defect{
	Name: "early-watermark", Layer: "worker",
	Reference: "An off-by-some in the bound of disorder",
	Mechanism: "The worker waits 100 ms less for late rows than the pipeline says, so that windows fire " +
		"and rows count as late too soon.",
	Properties: []string{"watermark-sound", "rows-conserved", "state-bounded", "answer-exact"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.DefectEarlyWatermark },
}
