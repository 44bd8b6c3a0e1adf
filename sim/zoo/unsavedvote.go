package zoo

import (
	"parallax/engine/commitlog"
	"parallax/sim/cluster"
)

var unsavedVote = Defect{
	Name: "unsaved-vote", Layer: "log",
	Reference: "Raft, section 5.2: a server votes once in a term, also across restarts",
	Mechanism: "A replica does not write down whom it has voted for: after a crash it votes a second " +
		"time in a term, and there may be two leaders.",
	Properties: []string{"replicas-agree", "nothing-lost", "leader-complete", "reads-committed", "never-panics", "nothing-twice", "catches-up"},
	Rare:       true,
	Plant:      func(o *cluster.Options) { o.Log.Defect = commitlog.DefectUnsavedVote },
}
