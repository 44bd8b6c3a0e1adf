package zoo

import "parallax/sim/cluster"

var refire = Defect{
	Name: "refire", Layer: "watermark",
	Reference: "Z39, Flink: apache/flink#26766 (FLINK-36663)",
	Mechanism: "How far windows have fired is not restored with them: after a restart windows that have " +
		"fired fire again, without the revisions that have come since.",
	Properties: []string{"answer-exact", "client-exact", "state-bounded", "rows-conserved"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "refire" },
}
