package zoo

import "parallax/sim/cluster"

var inclusiveEnd = Defect{
	Name: "inclusive-end", Layer: "window",
	Reference: "Z49, Kafka Streams: apache/kafka#6654 (KAFKA-8289)",
	Mechanism: "A session whose end is still part of it, because touching is enough to join, fires when " +
		"the watermark is at its end rather than behind: a row exactly there is on time, and " +
		"finds the session gone.",
	Properties: []string{"answer-exact", "state-bounded", "rows-conserved"},
	Plant:      func(o *cluster.Options) { o.Worker.Defect = "inclusive" },
}
