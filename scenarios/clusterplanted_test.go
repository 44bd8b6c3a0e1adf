package scenarios

import (
	"errors"
	"testing"

	"parallax/engine/commitlog"
	"parallax/engine/kappa"
	"parallax/sim"
	"parallax/sim/cluster"
)

// TestOracleClusterPlanted: mistakes that are built in on purpose fail a run, and the
// failure says where.
func TestOracleClusterPlanted(t *testing.T) {
	for _, c := range []struct {
		name string
		kind string
		err  error // nil for any
		do   func(*cluster.Options)
	}{
		{"skip a span", "safety", nil, func(o *cluster.Options) { o.Worker.Defect = kappa.DefectSkipSpan }},
		{"lose state", "safety", nil, func(o *cluster.Options) { o.Worker.Defect = kappa.DefectLoseState }},
		{"append copies", "safety", nil, func(o *cluster.Options) { o.Log.Defect = commitlog.DefectNoDedup }},
		{"never lead", "liveness", cluster.ErrLiveness, func(o *cluster.Options) { o.Log.Election = 1 << 50 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := load(t, "data/iot_tumbling_5s_by_device.yaml", []string{"source.file=small/events.csv"})
			for seed := uint64(1); seed <= 20; seed++ {
				r, err := RunCluster(job, ClusterOptions{Seed: seed, Faults: true, plant: c.do})
				if err != nil {
					t.Fatal(err)
				}
				if r.Verdict == Pass {
					continue
				}
				var at *sim.Failure
				if r.Verdict != Violated || r.Kind != c.kind || r.Results != nil {
					t.Fatalf("seed %d: %s, %s: %v", seed, r.Verdict, r.Kind, r.Why)
				}
				if c.err != nil && !errors.Is(r.Why, c.err) || c.kind == "safety" && !errors.As(r.Why, &at) {
					t.Fatalf("seed %d: %v", seed, r.Why)
				}
				t.Logf("seed %d: %v", seed, r.Why)
				return
			}
			t.Fatal("not found by 20 seeds")
		})
	}
}

// TestVectorClusterInconclusive: faults that were asked for and did not come show
// nothing, and neither do no rows.
func TestVectorClusterInconclusive(t *testing.T) {
	job := load(t, "data/iot_tumbling_5s_by_device.yaml", []string{"source.file=small/events.csv"})
	calm := func(o *cluster.Options) { o.World = sim.Options{Seed: o.World.Seed, Start: o.World.Start} }
	r, err := RunCluster(job, ClusterOptions{Seed: 1, Faults: true, plant: calm})
	if err != nil || r.Verdict != Inconclusive || !errors.Is(r.Why, errNoFaults) || r.Results != nil {
		t.Errorf("%+v, %v", r, err)
	}
}
