package zoo

import (
	"parallax/serving"
	"parallax/sim/cluster"
)

var eagerAnswer = Defect{
	Name: "eager-answer", Layer: "view",
	Reference: "A cache that is read before it is durable",
	Mechanism: "The view answers from spans that are not yet on its disk: after a crash a client is told " +
		"of an earlier cut than before.",
	Plant: func(o *cluster.Options) { o.View.Defect = serving.DefectEagerAnswer },
}
