package scenarios

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"parallax/scenarios/source"
)

// csv is a table as CSV.
func (t *Table) csv(tb testing.TB) string {
	tb.Helper()
	var b bytes.Buffer
	if err := t.Write(&b, source.CSV); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// sameRun runs a job as a cluster and compares its view with the answer of the
// engine without a cluster.
func sameRun(t *testing.T, file string, seed uint64, want string, sets ...string) *ClusterRun {
	t.Helper()
	job, err := Load(file, sets)
	if err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf("parallax run %s --seed %d", filepath.Base(file), seed)
	r, err := RunCluster(job, ClusterOptions{Seed: seed, Faults: true, Reproduce: line})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != Pass {
		t.Fatalf("%s: %s: %v", line, r.Verdict, r.Why)
	}
	if got := r.Results.csv(t); got != want {
		t.Fatalf("%s: the view differs from the results of the job", line)
	}
	return r
}

// TestDifferentialCluster: under faults, a cluster's view ends as the answer that
// is computed without one.
func TestDifferentialCluster(t *testing.T) {
	for _, c := range smallJobs {
		t.Run(c.job+c.name, func(t *testing.T) {
			file := "data/" + c.job + ".yaml"
			sets := []string{"source.file=small/" + c.input}
			if c.set != "" {
				sets = append(sets, c.set)
			}
			want := runFile(t, file, Kappa, sets...).Table.csv(t)
			for seed := uint64(1); seed <= 2; seed++ {
				r := sameRun(t, file, seed, want, sets...)
				t.Logf("seed %d: pace %d, %d batches, %d crashes, hash %016x", seed, r.Pace, r.Batches, r.Stats.Crashes, r.Hash)
			}
		})
	}
}
