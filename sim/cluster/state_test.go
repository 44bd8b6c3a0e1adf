package cluster

import (
	"errors"
	"testing"

	"parallax/engine/flow/window"
	"parallax/engine/kappa"
)

// State that is never freed, and state that is freed too early, is found in every
// family of windows, soon, and by the check that is there for it.
func TestStateDefectsAreFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		defect kappa.Defect
	}{{"never freed", "hoard"}, {"freed too early", "hasty"}} {
		for _, kind := range []window.Kind{window.Tumbling, window.Hopping, window.Session} {
			tried := 0
			for seed := uint64(1); ; seed++ {
				if seed == 200 {
					t.Fatalf("%s, kind %d: not found by %d jobs", c.name, kind, tried)
				}
				job := drawJob(t, seed)
				if plan, err := job.Pipeline.Plan(job.Schema); err != nil || plan.Window.Kind != kind {
					continue
				}
				tried++
				_, err := runSmall(t, seed, func(o *Options) { o.Worker.Defect = c.defect })
				if err == nil {
					continue
				}
				if t.Logf("%s, kind %d: %d jobs: %v", c.name, kind, tried, err); !errors.Is(err, errState) {
					t.Error("found by something else")
				}
				break
			}
		}
	}
}
