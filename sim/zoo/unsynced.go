package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var unsynced = Defect{
	Name: "unsynced", Layer: "log",
	Reference: "Z15, NATS JetStream: nats-io/nats-server#7564",
	Mechanism: "A broker answers for what it has written before the disk has synced it: when the power " +
		"fails, what a quorum has acknowledged is on no disk.",
	Properties: []string{"nothing-lost", "leader-complete", "catches-up", "replicas-agree", "never-panics", "reads-committed"},
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectUnsynced },
}
