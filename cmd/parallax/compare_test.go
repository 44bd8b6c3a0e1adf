package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVectorCompareFolder: --out keeps all there is, the same bytes every time, and the
// page says how to get it again.
func TestVectorCompareFolder(t *testing.T) {
	folder(t)
	args := []string{"compare", "clicks.yaml", "--arch", "kappa", "--seeds", "1", "--goal", "latency p99 5s", "-q", "--out"}
	for _, dir := range []string{"one", "two"} {
		if transcript, code := command(append(args, dir)...); code != 0 {
			t.Fatal(transcript)
		}
	}
	for _, name := range []string{"results.parquet", "results.jsonl", "results.txt", "table.txt", "report.html", "pareto.svg", "completeness.svg", "waits.svg"} {
		one, err := os.ReadFile(filepath.Join("one", name))
		if err != nil {
			t.Fatal(err)
		}
		two, err := os.ReadFile(filepath.Join("two", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "report.html" { // it names the folder
			if !strings.Contains(string(one), "parallax compare clicks.yaml --arch kappa --goal &#39;latency p99 5s&#39; --out one --seeds 1") {
				t.Error("report.html does not say how to get it again")
			}
			two = bytes.ReplaceAll(two, []byte("--out two"), []byte("--out one"))
		}
		if !bytes.Equal(one, two) {
			t.Errorf("%s is not the same twice", name)
		}
	}
}
