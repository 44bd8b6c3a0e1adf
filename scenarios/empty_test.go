package scenarios

import (
	"os"
	"path/filepath"
	"testing"
)

// TestVectorEmpty: no rows, or columns without a value, are no mistake, in any
// format and by both paths.
func TestVectorEmpty(t *testing.T) {
	dir := t.TempDir()
	text := `parallax: job/v1
name: empty
source: {file: rows, event_time: {field: t, unit: s}, partition_by: [p]}
watermark: {bounded: 1s}
pipeline:
  - filter: a + 1 > 0 or a is null
  - key_by: [p]
  - window: {tumble: 5s}
  - aggregate: {n: count(), values: count(a), z: sum(a)}
`
	for name, c := range map[string]struct{ data, want string }{
		"header.csv":  {"t,a,p\n", ""},
		"blank.csv":   {"t,a,p\n1,,x\n2,,x\n", "x,0,5000,2,0,0\n"},
		"empty.jsonl": {"", ""},
		"null.jsonl":  {`{"t":1,"a":null,"p":"x"}` + "\n", "x,0,5000,1,0,0\n"},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, path := range bothPaths {
			job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(text), []string{"source.file=" + name})
			if err != nil {
				t.Fatal(err)
			}
			if err := Check(job, true); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			r, err := Run(job, Options{Path: path})
			if err != nil {
				t.Errorf("%s by %s: %v", name, path, err)
				continue
			}
			got := ""
			for i := range r.Table.Rows {
				got += string(r.Table.csvRow(nil, i)) + "\n"
			}
			if got != c.want {
				t.Errorf("%s by %s: %q, want %q", name, path, got, c.want)
			}
		}
	}
}
