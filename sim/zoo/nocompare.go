package zoo

import (
	"parallax/serving"
	"parallax/sim/cluster"
)

var noCompare = Defect{
	Name: "no-compare", Layer: "view",
	Reference: "Z28, Spring-Kafka and librdkafka: spring-projects/spring-kafka#511, confluentinc/librdkafka#2782",
	Mechanism: "The view applies a span wherever it stands, not only at the cut where the span begins: a " +
		"zombie's span counts twice, or leaves a gap.",
	Properties: []string{"cut-monotone", "answer-exact"},
	Plant:      func(o *cluster.Options) { o.View.Defect = serving.DefectNoCompare },
}
