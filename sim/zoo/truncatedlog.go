package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var truncatedLog = Defect{
	Name: "truncated-log", Layer: "log",
	Reference: "Z01, Kafka: apache/kafka#2808, apache/kafka#2743 (KIP-101)",
	Mechanism: "A replica that starts again cuts its log to the commit index that it has written down, " +
		"which lags behind what it has acknowledged: if it is elected before it has fetched the " +
		"rest again, that is gone.",
	Properties: []string{"nothing-lost", "leader-complete", "catches-up", "replicas-agree", "never-panics", "reads-committed"},
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectTruncate },
}
