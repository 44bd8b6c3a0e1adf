package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var logHole = Defect{
	Name: "log-hole", Layer: "log",
	Reference: "Z17, RocksDB: facebook/rocksdb#7701",
	Mechanism: "Recovery takes the missing end of a file for what a crash leaves, and goes on with the " +
		"next file: records that were acknowledged are missing in the middle.",
	Plant: func(o *cluster.Options) { o.Log.Defect = commitlog.DefectHole },
}
