package scenarios

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	goingon "parallax/batch/replay"
	"parallax/engine/flow"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
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

// windowed puts windows in the place of a job's.
func windowed(j *Job, w window.Spec) {
	for i := range j.Pipeline.Steps {
		if j.Pipeline.Steps[i].Window != nil {
			j.Pipeline.Steps[i].Window = &w
		}
	}
}

// TestDifferentialReplayedJobs: jobs whose answers do not add up end with the rows of the
// command results, too; with sessions, Kappa does as well.
func TestDifferentialReplayedJobs(t *testing.T) {
	twice := func(j *Job) {
		w := window.Tumble(4_000_000, 0)
		j.Pipeline.Steps = append(j.Pipeline.Steps, flow.Step{Window: &w}, flow.Step{Aggregates: []flow.Aggregate{
			{Name: "windows", Call: expr.CallExpr{Func: "count"}},
		}})
	}
	for name, change := range map[string]func(*Job){
		"sessions":             func(j *Job) { windowed(j, window.Sessions(1_000_000, window.Overlapping)) },
		"windows over results": twice,
		"sliding":              func(j *Job) { windowed(j, window.Slide(1_000_000, 1000)) },
		"count": func(j *Job) {
			j.Pipeline.Late.Allowed = 0
			windowed(j, window.Count(5))
		},
	} {
		t.Run(name, func(t *testing.T) {
			job := layersJob(t)
			change(job)
			plain, err := Run(job, Options{})
			if err != nil {
				t.Fatal(err)
			}
			o := ClusterOptions{Seed: 1, Faults: true}
			layers, err := RunLayers(job, o, Batch{Every: 3_000_000})
			if err != nil || layers.Verdict != Pass {
				t.Fatalf("%+v, %v", layers, err)
			}
			if !layers.Results.Equal(plain.Table) || layers.Results.Rows == 0 {
				t.Errorf("%d rows, want %d", layers.Results.Rows, plain.Table.Rows)
			}
			if l := layers.Layers; l.FromBoth == 0 || l.Swaps == 0 || l.Late != lateSame || l.Way != "replay" || l.Why == "" {
				t.Errorf("%+v", l)
			}
		})
	}
	job := layersJob(t)
	windowed(job, window.Sessions(1_000_000, window.Overlapping))
	out, err := RunLayers(job, ClusterOptions{plantLayers: func(o *lambda.Options) { o.Defects.Speed = speed.Defect(goingon.DefectAnew) }}, Batch{Every: 3_000_000})
	if err != nil || out.Verdict != Violated {
		t.Errorf("a server that begins anew at a cut: %+v, %v", out, err)
	}
}

// TestVectorLayersRefused: a batch layer that cannot keep up, one that is to repair what does
// not add up, and answers that are not checked.
func TestVectorLayersRefused(t *testing.T) {
	job := layersJob(t)
	_, err := RunLayers(job, ClusterOptions{Pace: 10}, Batch{Every: 1_000_000})
	if err == nil || !strings.Contains(err.Error(), "every=2s at least, or a smaller --pace") {
		t.Errorf("%v", err)
	}
	windowed(job, window.Sessions(1_000_000, window.Overlapping))
	if _, err = RunLayers(job, ClusterOptions{}, Batch{Said: true}); err == nil || !strings.Contains(err.Error(), "session windows") {
		t.Errorf("%v", err)
	}
	job.Pipeline.Watermark = watermark.Spec{Kind: watermark.Percentile, Millionths: 900_000}
	if _, err = RunLayers(job, ClusterOptions{}, Batch{}); err == nil || !strings.Contains(err.Error(), "results --path lambda") {
		t.Errorf("%v", err)
	}
}
