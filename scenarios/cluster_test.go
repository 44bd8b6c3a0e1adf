package scenarios

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// sameRun runs a job as a cluster under faults and compares its view with what it
// should be, if that is known.
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
	if got := r.Results.csv(t); want != "" && got != want {
		t.Fatalf("%s: the view differs from the results of the job", line)
	}
	return r
}

// TestDifferentialCluster: under faults, a cluster's view ends as the answer that
// is computed without one.
func TestDifferentialCluster(t *testing.T) {
	seeds := uint64(1)
	if os.Getenv("PARALLAX_SOAK") != "" {
		seeds = 20
	}
	for i, c := range smallJobs {
		t.Run(c.job+c.name, func(t *testing.T) {
			file := "data/" + c.job + ".yaml"
			sets := []string{"source.file=small/" + c.input}
			if c.set != "" {
				sets = append(sets, c.set)
			}
			want := runFile(t, file, Kappa, sets...).Table.csv(t)
			for seed := uint64(i + 1); seed <= uint64(i)+seeds; seed++ {
				r := sameRun(t, file, seed, want, sets...)
				t.Logf("seed %d: pace %d, %d batches, %d crashes, hash %016x", seed, r.Pace, r.Batches, r.Tally.Crashes, r.Hash)
			}
		})
	}
}

// TestOracleSharedCluster: the tables of the recorded data come out exactly from
// clusters under faults, twenty seeds each.
func TestOracleSharedCluster(t *testing.T) {
	dir := sharedDir(t)
	if os.Getenv("PARALLAX_SOAK") == "" {
		t.Skip("skipped: twenty seeds of every recorded table are for make soak (PARALLAX_SOAK=1)")
	}
	for _, c := range sharedJobs {
		t.Run(c.job, func(t *testing.T) {
			file := "data/" + c.job + ".yaml"
			header, rows := readTable(t, filepath.Join(dir, c.expected))
			if c.skip != nil {
				rows = slices.DeleteFunc(rows, func(row []string) bool { return c.skip(header, row) })
			}
			want := rowSet(header, rows, header)
			first := ""
			for seed := uint64(1); seed <= 20; seed++ {
				r := sameRun(t, file, seed, first)
				if first == "" {
					gotHeader, gotRows := r.Results.texts()
					sameSet(t, rowSet(gotHeader, gotRows, header), want)
					first = r.Results.csv(t)
				}
				t.Logf("seed %d: %d rows, pace %d, %d events, %d crashes, hash %016x", seed, r.Rows, r.Pace, r.Tally.Events, r.Tally.Crashes, r.Hash)
			}
		})
	}
}
