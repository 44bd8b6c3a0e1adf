package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var wallClock = Defect{
	Name: "wall-clock", Layer: "sim",
	Reference: "Z142, Spark: apache/spark#15949 (SPARK-18339, SPARK-18513)",
	Mechanism: "What a row is compared with is the time of day at which it is processed, and not the " +
		"time that the log has noted: a replay judges otherwise which rows lie too far in the " +
		"future.",
	Properties: []string{"rows-conserved", "answer-exact", "cut-monotone", "watermark-sound", "state-bounded", "never-fatal"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.DefectWallClock },
}
