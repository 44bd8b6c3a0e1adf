package zoo

import "parallax/sim/cluster"

var muteSessions = Defect{
	Name: "mute-sessions", Layer: "operator",
	Reference: "A merge of sessions that forgets the parts",
	Mechanism: "A row joins two sessions, and what the view has of them is not taken back: it shows the " +
		"parts and the whole.",
	Properties: []string{"answer-exact"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "mute" },
}
