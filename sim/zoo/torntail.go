package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var tornTail = Defect{
	Name: "torn-tail", Layer: "log",
	Reference: "Journals that go on in the file they find",
	Mechanism: "After a crash a broker appends to its last file, behind a record that the crash has torn: " +
		"what stands behind the tear cannot be read again.",
	Plant: func(o *cluster.Options) { o.Log.Defect = commitlog.DefectTornTail },
}
