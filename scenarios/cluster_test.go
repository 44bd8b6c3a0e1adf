package scenarios

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/watermark"
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

// load reads a job that a cluster can run.
func load(t *testing.T, file string, sets []string) *Job {
	t.Helper()
	job, err := Load(file, sets)
	if err != nil {
		t.Fatal(err)
	}
	if err := job.checkCluster(); err != nil {
		t.Skipf("skipped: %v", err)
	}
	return job
}

// sameRun runs a job as a cluster under faults and compares its view with what it
// should be, if that is known.
func sameRun(t *testing.T, file string, seed uint64, want string, sets ...string) *ClusterRun {
	t.Helper()
	job := load(t, file, sets)
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

// skipRefused skips a job that a run with faults refuses.
func skipRefused(t *testing.T, file string, sets ...string) {
	t.Helper()
	job, err := Load(file, sets)
	if err != nil {
		t.Fatal(err)
	}
	if err := job.checkCluster(); err != nil {
		t.Skipf("skipped: %v", err)
	}
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
			skipRefused(t, file, sets...)
			want := runFile(t, file, Kappa, sets...).Table.csv(t)
			for seed := uint64(i + 1); seed <= uint64(i)+seeds; seed++ {
				r := sameRun(t, file, seed, want, sets...)
				t.Logf("seed %d: pace %d, %d batches, %d crashes, hash %016x", seed, r.Pace, r.Batches, r.Tally.Crashes, r.Hash)
			}
		})
	}
}

// TestDifferentialClusterStrategies: whatever makes a watermark of a partition's rows,
// a cluster under faults ends with the answer that is computed without one, though
// its worker loses all it knows now and then.
func TestDifferentialClusterStrategies(t *testing.T) {
	for i, strategy := range []string{
		"{percentile: 0.9}", "{percentile: 0.99, bounded: 200ms}", "{punctuated: message_id % 100 = 0}", "{per_key: device_id, bounded: 1s}",
	} {
		t.Run(strategy, func(t *testing.T) {
			const file = "data/iot_watermark_drops_1s.yaml"
			sets := []string{"source.file=small/events.csv", "watermark=" + strategy}
			want := runFile(t, file, Kappa, sets...)
			r := sameRun(t, file, [...]uint64{1, 3, 5, 10}[i], want.Table.csv(t), sets...)
			t.Logf("%d pairs dropped, %d restores", want.Summary.PairsDropped, r.Tally.WorkerRestores)
			if r.Tally.PairsDropped != uint64(want.Summary.PairsDropped) || r.Tally.WorkerRestores == 0 {
				t.Errorf("%d pairs dropped, should be %d; %d restores", r.Tally.PairsDropped, want.Summary.PairsDropped, r.Tally.WorkerRestores)
			}
		})
	}
}

// sharedCheap are recorded tables of which one seed takes little time.
var sharedCheap = []string{"iot_sessions_600ms_by_device", "dpdk_sessions_1h_by_author"}

// TestOracleSharedCluster: the tables of the recorded data come out exactly from
// clusters under faults: in a soak all of them with twenty seeds each, else the cheap
// ones with one.
func TestOracleSharedCluster(t *testing.T) {
	dir := sharedDir(t)
	soak, seeds := os.Getenv("PARALLAX_SOAK") != "", uint64(20)
	if !soak {
		seeds = 1
	}
	for _, c := range sharedJobs {
		t.Run(c.job, func(t *testing.T) {
			if !soak && !slices.Contains(sharedCheap, c.job) {
				t.Skip("skipped: this table and twenty seeds of each are for make soak (PARALLAX_SOAK=1)")
			}
			file := "data/" + c.job + ".yaml"
			skipRefused(t, file)
			header, rows := readTable(t, filepath.Join(dir, c.expected))
			if c.skip != nil {
				rows = slices.DeleteFunc(rows, func(row []string) bool { return c.skip(header, row) })
			}
			want := rowSet(header, rows, header)
			first := ""
			for seed := uint64(1); seed <= seeds; seed++ {
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

// TestDifferentialClusterDrawn: whatever the job and the rows, a cluster under faults
// ends with the answer that is computed without one. Rows ahead of their arrival are
// judged by when they are appended there, and idle partitions are told how far the
// others are, so such jobs are only checked by the run.
func TestDifferentialClusterDrawn(t *testing.T) {
	jobs, compared, checked := 400, 0, 0
	if os.Getenv("PARALLAX_SOAK") != "" {
		jobs = 10_000
	}
	dir := t.TempDir()
	files := rapid.Custom(func(rt *rapid.T) [2]string { return [2]string{drawRows(rt), drawJob(rt)} })
	for seed := 1; seed <= jobs; seed++ {
		drawn := files.Example(seed)
		if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(drawn[0]), 0o600); err != nil {
			t.Fatal(err)
		}
		job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(drawn[1]), nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Run(job, Options{})
		if err != nil || job.checkCluster() != nil {
			continue
		}
		if kind := job.Pipeline.Watermark.Kind; seed%4 == 0 && (kind == watermark.BoundedDisorder || kind == watermark.Monotonic) {
			job.IdleAfter = int64(seed % 3 * 400_000)
		}
		r, err := RunCluster(job, ClusterOptions{Seed: uint64(seed), Faults: true})
		switch {
		case err != nil:
			t.Fatalf("drawn job %d: %v\n%s\n%s", seed, err, drawn[1], drawn[0])
		case r.Rows == 0:
			continue
		case r.Verdict != Pass:
			t.Fatalf("drawn job %d: %s: %v\n%s\n%s", seed, r.Verdict, r.Why, drawn[1], drawn[0])
		}
		checked++
		if job.Pipeline.Watermark.AheadMax > 0 || job.IdleAfter > 0 {
			continue
		}
		compared++
		if got := r.Results.csv(t); got != want.Table.csv(t) {
			t.Fatalf("drawn job %d:\n%swant\n%s\n%s\n%s", seed, got, want.Table.csv(t), drawn[1], drawn[0])
		}
	}
	if compared == 0 {
		t.Fatal("no view was compared")
	}
	t.Logf("%d runs, %d views compared", checked, compared)
}
