package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parallax/scenarios/why"
)

// TestVectorCountJob: by both paths, results are named by numbers of rows, a dropped row
// has none, the summary counts what is left over as on time, and what cannot be asked is
// refused.
func TestVectorCountJob(t *testing.T) {
	dir := t.TempDir()
	rows := "t,k\n30,a\n10,a\n20,b\n25,a\n60,a\n39,a\n61,b\n70,a\n"
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "parallax: job/v1\nname: counted\nsource: {file: rows.csv, event_time: {field: t, unit: ms}}\n" +
		"watermark: {bounded: 20ms}\npipeline:\n  - key_by: [k]\n  - window: {count: 2}\n  - aggregate: {c: count(), first: min(t)}\n"
	for _, path := range bothPaths {
		job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(job, Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		want := "k,window_start_row,window_end_row,c,first\na,0,2,2,10\na,2,4,2,30\nb,0,2,2,20\n"
		if got := r.Table.csv(t); got != want {
			t.Errorf("%s: got\n%swant\n%s", path, got, want)
		}
		if c := r.Summary.Counts; c.PairsOnTime != 7 || c.RowsDropped != 1 || c.Windows != 3 || c.WindowsIncomplete != 0 {
			t.Errorf("%s: %+v", path, c)
		}
		if names := r.Late.Schema.Names(); r.Late.Rows != 1 || slices.Contains(names, "window_start_row") || slices.Contains(names, "window_start_ms") {
			t.Errorf("%s: %d late rows, %v", path, r.Late.Rows, names)
		}
		if bound, ok := r.BoundEnough(job); !ok || bound != "21ms" {
			t.Errorf("%s: a bound of %s is enough", path, bound)
		}
	}
	job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := job.Why(why.Question{}); !errors.Is(err, why.ErrAsk) || !strings.Contains(err.Error(), "numbers of rows") {
		t.Errorf("why: %v", err)
	}
	if err := job.checkCluster(); err == nil || !strings.Contains(err.Error(), "windows of this kind") {
		t.Errorf("run: %v", err)
	}
	_, err = Parse(filepath.Join(dir, "job.yaml"), []byte(strings.Replace(text, "pipeline:", "late: {allowed: 1s}\npipeline:", 1)), nil)
	if err == nil || !strings.Contains(err.Error(), "a late row would change every count window") {
		t.Errorf("allowed: %v", err)
	}
}
