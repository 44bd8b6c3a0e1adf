package frontier

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/scenarios"
)

// TestDifferentialTrigger: what a delay loses, and how long windows wait for it, has
// nothing to do with what a trigger tells before, or leaves out.
func TestDifferentialTrigger(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("t,a\n")
	for i := range 80 {
		fmt.Fprintf(&rows, "%d,%d\n", i*300-i%7*500, i*300)
	}
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{"bounded: 1s", "percentile: 0.9"} {
		var got []*Result
		for _, trigger := range []string{"", "  - trigger: {early: {count: 1}, on_time: if_new, panes: discarding}\n"} {
			text := "parallax: job/v1\nname: triggered\nsource: {file: rows.csv, event_time: {field: t, unit: ms}, arrival_time: {field: a, unit: ms}}\n" +
				"watermark: {" + mark + "}\npipeline:\n  - window: {tumble: 2s}\n" + trigger + "  - aggregate: {c: count()}\n"
			job, err := scenarios.Parse(filepath.Join(dir, "job.yaml"), []byte(text), nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(job, JobOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
		}
		if diff := cmp.Diff(got[0], got[1]); diff != "" {
			t.Errorf("%s: %s", mark, diff)
		}
	}
}
