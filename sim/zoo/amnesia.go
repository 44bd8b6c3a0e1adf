package zoo

import "parallax/sim/cluster"

var amnesia = Defect{
	Name: "amnesia", Layer: "operator",
	Reference: "A watermark strategy whose memory is not part of the checkpoint",
	Mechanism: "After a restart a strategy knows the frontier and nothing of what it had learned from the " +
		"rows before.",
	Plant: func(o *cluster.Options) { o.Worker.Defect = "amnesia" },
}
