package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var shortList = Defect{
	Name: "short-list", Layer: "source",
	Reference: "Z24, Flink: apache/flink#3505 (FLINK-6006), and again apache/flink#4344 (FLINK-7195)",
	Mechanism: "A partition whose broker does not answer at once after a restart is taken for a new one: " +
		"its offset in the checkpoint is dropped, and it is read from the beginning into windows " +
		"that have its rows.",
	Properties: []string{"rows-conserved", "answer-exact", "state-bounded", "never-fatal", "catches-up", "watermark-sound"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.DefectShortList },
}
