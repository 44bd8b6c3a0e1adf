package cluster

import (
	"slices"
	"testing"

	"parallax/engine/flow/operator"
	"parallax/engine/kappa"
	"parallax/sim/fault"
)

// A deployment under faults ends with the counts of one to which nothing happens, of each
// partition: both are run on what the sources delivered, and what brokers add to the log
// by themselves is left out.
func TestDifferentialFaultFree(t *testing.T) {
	restored := uint64(0)
	for seed := uint64(1); seed <= 30; seed++ {
		var ends [2][]operator.Counts
		for calm := range 2 {
			job, o := drawn(t, seed)
			p := *job.Pipeline
			p.Watermark.AheadMax = 0
			job.Pipeline, o.Log.IdleAfter = &p, 0
			if calm == 1 {
				for _, f := range fault.All() {
					if !f.OfRows() {
						o.World.Faults[f] = fault.Strength{}
					}
				}
			}
			d, err := Deploy(job, o)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Run(stormNs, calmNs); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			// The view has everything; a worker that was restarted may still read its checkpoint.
			if err := d.RunFor(calmNs / 2); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			w, ok := d.Actor(d.worker).(*kappa.Worker)
			if !ok {
				t.Fatalf("seed %d: no worker", seed)
			}
			for part := range job.Feed {
				ends[calm] = append(ends[calm], w.CountsOf(part))
			}
			if d.Tally().ClassChecks == 0 {
				t.Errorf("seed %d: nothing was compared on the way", seed)
			}
			restored += d.Tally().WorkerRestores
		}
		if !slices.Equal(ends[0], ends[1]) {
			t.Errorf("seed %d: %+v, without faults %+v", seed, ends[0], ends[1])
		}
	}
	if restored == 0 {
		t.Error("no worker began from a checkpoint")
	}
}
