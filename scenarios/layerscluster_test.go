package scenarios

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"parallax/engine/flow/window"
	"parallax/sim/cluster/lambda"
	"parallax/speed"
)

const layersText = `parallax: job/v1
name: layers
source:
  file: rows.csv
  event_time: {field: t, unit: ms}
  arrival_time: {field: a, unit: ms}
  partitions: 2
watermark: {bounded: 500ms}
late: {allowed: 500ms}
pipeline:
  - key_by: k
  - window: {hop: 4s, every: 2s}
  - aggregate: {n: count(), s: sum(v)}
`

// layersJob is a small job with late rows, of two partitions.
func layersJob(t *testing.T) *Job {
	t.Helper()
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("t,a,k,v\n")
	for i := range 120 {
		fmt.Fprintf(&rows, "%d,%d,%c,%d.25\n", max(0, i*150-i%7*i%11*400), i*150, 'a'+i%3, i)
	}
	writeText(t, filepath.Join(dir, "rows.csv"), rows.String())
	job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(layersText), nil)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// TestDifferentialArchitectures: with late=same, both architectures end with the rows of
// the command results, under faults; a mistake in a server is found.
func TestDifferentialArchitectures(t *testing.T) {
	job := layersJob(t)
	plain, err := Run(job, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		o := ClusterOptions{Seed: seed, Faults: seed > 0}
		kappa, err := RunCluster(job, o)
		if err != nil || kappa.Verdict != Pass {
			t.Fatalf("seed %d, kappa: %+v, %v", seed, kappa, err)
		}
		layers, err := RunLayers(job, o, Batch{Every: 3_000_000, Same: true})
		if err != nil || layers.Verdict != Pass {
			t.Fatalf("seed %d, lambda: %+v, %v", seed, layers, err)
		}
		if !kappa.Results.Equal(plain.Table) || !layers.Results.Equal(plain.Table) {
			t.Errorf("seed %d: %d and %d rows, want %d", seed, kappa.Results.Rows, layers.Results.Rows, plain.Table.Rows)
		}
		if layers.Layers.FromBoth == 0 || layers.Layers.Markers < 5 {
			t.Errorf("seed %d: %+v", seed, layers.Layers)
		}
	}
	out, err := RunLayers(job, ClusterOptions{plantLayers: func(o *lambda.Options) { o.Defects.Speed = speed.DefectTwice }}, Batch{Every: 3_000_000})
	if err != nil || out.Verdict != Violated {
		t.Errorf("a generation that is kept: %+v, %v", out, err)
	}
}

// TestVectorLayersRefused: a batch layer that cannot keep up, and jobs that do not merge.
func TestVectorLayersRefused(t *testing.T) {
	job := layersJob(t)
	_, err := RunLayers(job, ClusterOptions{Pace: 10}, Batch{Every: 1_000_000})
	if err == nil || !strings.Contains(err.Error(), "every=2s at least, or a smaller --pace") {
		t.Errorf("%v", err)
	}
	for i := range job.Pipeline.Steps {
		if w := job.Pipeline.Steps[i].Window; w != nil {
			*w = window.Sessions(1_000_000, window.Overlapping)
		}
	}
	if _, err = RunLayers(job, ClusterOptions{}, Batch{}); err == nil || !strings.Contains(err.Error(), "session windows") {
		t.Errorf("%v", err)
	}
}
