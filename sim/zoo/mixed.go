package zoo

import "parallax/sim/cluster"

var revisionsOnTime = Defect{
	Name: "revisions-on-time", Layer: "operator",
	Reference: "A late row merged into the pane that has not fired yet",
	Mechanism: "Revisions that come before a window fires are counted as rows on time, so that the first " +
		"answer depends on when the others arrived.",
	Properties: []string{"answer-exact", "state-bounded"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "mixed" },
}
