package zoo

import "parallax/sim/cluster"

var shortGap = Defect{
	Name: "short-gap", Layer: "window",
	Reference: "Z58, Beam: apache/beam#18677 (BEAM-3568)",
	Mechanism: "A session is forgotten at its end and the allowed lateness, although a row of the gap " +
		"behind it may still join: that row makes a second session, which overlaps the first.",
	Properties: []string{"answer-exact", "state-bounded"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "short-gap" },
}
