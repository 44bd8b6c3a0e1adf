package zoo

import "parallax/sim/cluster"

var truncatedModulo = Defect{
	Name: "truncated-modulo", Layer: "window",
	Reference: "Z54, Flink: apache/flink#18982 (FLINK-26334)",
	Mechanism: "The remainder of a division has the sign of what is divided: rows before 1970 go to the " +
		"window behind theirs.",
	Properties: []string{"answer-exact", "state-bounded", "rows-conserved", "never-fatal"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "truncated-modulo" },
}
