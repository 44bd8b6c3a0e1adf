package duckdb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/scenarios"
	"parallax/scenarios/dataset"
)

// TestDifferentialFiles: DuckDB reads exactly the files that are listed of an archive's
// folder, and finds in them the rows below the snapshot's cut, once each.
func TestDifferentialFiles(t *testing.T) {
	db, dir := openDuck(t), t.TempDir()
	rows := strings.Builder{}
	rows.WriteString("user,at\n")
	const n = 1000
	for i := range n {
		fmt.Fprintf(&rows, "u%d,%d\n", i%7, i*100)
	}
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := scenarios.Parse(filepath.Join(dir, "job.yaml"), []byte(`parallax: job/v1
name: rows
source: {file: rows.csv, event_time: {field: at, unit: ms}}
watermark: {bounded: 1s}
pipeline:
  - key_by: [user]
  - window: {tumble: 5s}
  - aggregate: {n: count()}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	layers, err := dataset.Run(job, dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lake := filepath.Join(dir, "lake")
	if err := layers.Write(lake); err != nil {
		t.Fatal(err)
	}
	folder, err := dataset.Open(lake)
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(0)
	for snapshot := uint64(0); snapshot <= last; snapshot++ {
		list, err := folder.List(dataset.Raw, snapshot, true)
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, list.Snapshot)
		if len(list.Files) == 0 {
			continue
		}
		var count, offsets int64
		if err := db.QueryRow("SELECT count(*), count(DISTINCT _offset) FROM "+files(list)).Scan(&count, &offsets); err != nil {
			t.Fatal(err)
		}
		if count != list.Rows || offsets != count || snapshot == 0 && count != n {
			t.Errorf("snapshot %d: DuckDB counts %d rows of %d offsets, the listing says %d", snapshot, count, offsets, list.Rows)
		}
	}
	list, err := folder.List(dataset.View, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	if err := db.QueryRow("SELECT CAST(sum(n) AS BIGINT) FROM " + files(list)).Scan(&sum); err != nil || sum != n {
		t.Errorf("the view counts %d rows of %d: %v", sum, n, err)
	}
	t.Logf("%d snapshots", last)
}

// files is what DuckDB reads the files of a listing from.
func files(list *dataset.Listing) string {
	var names []string
	for _, f := range list.Files {
		names = append(names, "'"+f.Path+"'")
	}
	return "read_parquet([" + strings.Join(names, ", ") + "])"
}
