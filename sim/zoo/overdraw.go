package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var overdraw = Defect{
	Name: "overdraw", Layer: "log",
	Reference: "A limit that is read from the request and not kept by the answer",
	Mechanism: "A broker sends a reader all that it has from an offset on, whatever room the reader has: " +
		"what one that has been away gets at once is as long as the log.",
	Properties: []string{"credit-bounded"},
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectOverdraw },
}
