package lambda_test

import (
	"fmt"
	"testing"

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/engine"
	"parallax/sim/cluster/lambda"
	"parallax/speed"
)

const (
	storm = 10 * engine.Second
	calm  = 20 * engine.Second
)

// TestLawTrace: a run is a function of its seed.
func TestLawTrace(t *testing.T) {
	var hashes [2]uint64
	for i := range hashes {
		d, err := lambda.Drawn(7, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Run(storm, calm); err != nil {
			t.Fatal(err)
		}
		hashes[i] = d.Hash()
	}
	if hashes[0] != hashes[1] {
		t.Errorf("%016x, then %016x", hashes[0], hashes[1])
	}
}

// TestPlantedLambda: each mistake of a program is found from drawn seeds.
func TestPlantedLambda(t *testing.T) {
	for _, c := range []struct {
		name    string
		defects lambda.Defects
	}{
		{"a view's last generation is kept beside it", lambda.Defects{Speed: speed.DefectTwice}},
		{"a generation too many is dropped", lambda.Defects{Speed: speed.DefectHole}},
		{"a server goes on from a cut without its frontiers", lambda.Defects{Speed: speed.DefectForgetful}},
		{"a server does not look at what the client has seen", lambda.Defects{Speed: speed.DefectRewind}},
		{"a server says that it has just seen the log's end", lambda.Defects{Speed: speed.DefectFresh}},
		{"the batch job folds rows again that the view has", lambda.Defects{Job: job.DefectTwice}},
		{"the batch job takes every row for on time", lambda.Defects{Job: job.DefectForgetLate}},
		{"the archive's cut has the frontier before", lambda.Defects{Archive: archive.DefectStaleMarker}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := uint64(1); seed <= 60; seed++ {
				d, err := lambda.Drawn(seed, func(o *lambda.Options) { o.Defects = c.defects })
				if err == nil {
					err = d.Run(storm, calm)
				}
				if err != nil {
					t.Logf("seed %d: %.300v", seed, err)
					return
				}
			}
			t.Error("not found")
		})
	}
}

// TestDeterminismUnchecked: checking a run does not change it, nor what is answered in the
// end.
func TestDeterminismUnchecked(t *testing.T) {
	for seed := uint64(1); seed <= 4; seed++ {
		run := func(change func(*lambda.Options)) (uint64, string) {
			d, err := lambda.Drawn(seed, change)
			if err == nil {
				err = d.Run(storm, calm)
			}
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			rows, err := d.Rows()
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			return d.Hash(), fmt.Sprint(rows)
		}
		hash, rows := run(func(o *lambda.Options) { o.CheckEvery = 2 }) // files as large as without checks
		if bareHash, bareRows := run(func(o *lambda.Options) { o.CheckEvery = -1 }); bareHash != hash || bareRows != rows {
			t.Errorf("seed %d: another run without checks: %016x, %016x", seed, bareHash, hash)
		}
	}
}
