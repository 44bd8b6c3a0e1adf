package lambda

import (
	"testing"

	"parallax/batch/job"
	"parallax/batch/replay"
	"parallax/speed"
)

// TestDifferentialReplayedSeeds: also of jobs whose answers do not add up, every answer of
// every server is the oracle's at the cut that it states, whatever breaks.
func TestDifferentialReplayedSeeds(t *testing.T) {
	from, to := seeds(t, 100)
	sum := campaign(t, from, to, runs{test: "TestDifferentialReplayedSeeds", draw: DrawnReplayed})
	if list := sum.unseen("Repaired"); to-from > 50 && len(list) > 0 {
		t.Errorf("never seen: %v", list)
	}
}

// TestPlantedReplayed: each mistake in going on from a state is found from drawn seeds.
func TestPlantedReplayed(t *testing.T) {
	for _, c := range []struct {
		name    string
		defects Defects
	}{
		{"a server begins at a view's cut without what was open there", Defects{Speed: speed.Defect(replay.DefectAnew)}},
		{"the batch job goes on from its view without what was open there", Defects{Job: job.Defect(replay.DefectAnew)}},
		{"a server goes on to show what has grown across the cut", Defects{Speed: speed.Defect(replay.DefectStands)}},
		{"the batch job goes on to show what has grown across the cut", Defects{Job: job.Defect(replay.DefectStands)}},
		{"the batch job does not tell the path what idle records have raised", Defects{Job: job.Defect(replay.DefectSilent)}},
		{"a server does not look at what the client has seen", Defects{Speed: speed.DefectRewind}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := uint64(1); seed <= 60; seed++ {
				r := runs{draw: DrawnReplayed, change: func(o *Options) { o.Defects = c.defects }}
				if _, err := r.play(seed); err != nil {
					t.Logf("seed %d: %.300v", seed, err)
					return
				}
			}
			t.Error("not found")
		})
	}
}
