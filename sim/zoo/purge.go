package zoo

import "parallax/sim/cluster"

var purge = Defect{
	Name: "purge", Layer: "window",
	Reference: "Z52, Flink: apache/flink#2751 (FLINK-4994)",
	Mechanism: "Firing a session purges it together with what is needed to merge: a late row within the " +
		"allowed time opens a session of its own.",
	Properties: []string{"answer-exact", "state-bounded"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "purge" },
}
