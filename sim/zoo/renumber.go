package zoo

import (
	"parallax/engine/kappa"
	"parallax/sim/cluster"
)

var renumber = Defect{
	Name: "renumber", Layer: "source",
	Reference: "Z04, Redpanda and librdkafka: redpanda-data/redpanda#3039, confluentinc/librdkafka#4953",
	Mechanism: "A producer that is told that a batch is out of sequence begins a new epoch, counts from " +
		"0 again and sends all that is not acknowledged: the log cannot know its copies.",
	Properties: []string{"nothing-twice"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = kappa.DefectRenumber },
}
