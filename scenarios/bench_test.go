package scenarios

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"parallax/scenarios/source"
)

const benchRows = 200_000

const benchJob = `parallax: job/v1
name: bench
source:
  file: rows.csv
  event_time: {field: event_time_ms, unit: ms}
  arrival_time: {field: arrival_time_ms, unit: ms}
watermark: {bounded: 6s}
pipeline:
  - filter: content_length > 0
  - key_by: [device_id]
  - window: {tumble: 5s}
  - aggregate: {rows: count(), bytes: sum(content_length), greatest: max(content_length)}
`

// benchFolder has a job and its rows as CSV and Parquet: 1,000 devices, ten
// columns, a few rows late.
func benchFolder(b *testing.B) string {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	var csv bytes.Buffer
	csv.WriteString("seq,session,device_id,message_id,event_time_ms,send_time_ms,arrival_time_ms,content_length,network,ntp_offset_ms\n")
	at := int64(1_415_624_019_862)
	for i := range benchRows {
		at += int64(r.IntN(3))
		late := int64(r.IntN(200))
		if r.IntN(100) == 0 {
			late += int64(r.IntN(5000))
		}
		fmt.Fprintf(&csv, "%d,d-1,dev_%d,%d,%d,%d,%d,%d,UMTS,%d\n", i, r.IntN(1000), i, at-late, at-late+3, at, 200+r.IntN(100), r.IntN(2000)-1000)
	}
	dir := b.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	write("rows.csv", csv.Bytes())
	write("rows.parquet", convert(b, filepath.Join(dir, "rows.csv"), source.Parquet))
	write("rows.jsonl", convert(b, filepath.Join(dir, "rows.csv"), source.JSONL))
	write("rows.csv.gz", gzipped(b, csv.Bytes()))
	write("job.yaml", []byte(benchJob))
	return dir
}

func benchResults(b *testing.B, path, file string) {
	dir := benchFolder(b)
	info, err := os.Stat(filepath.Join(dir, file))
	if err != nil {
		b.Fatal(err)
	}
	job, err := Load(filepath.Join(dir, "job.yaml"), []string{"source.file=" + file})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for b.Loop() {
		out, err := Run(job, Options{Path: path})
		if err != nil {
			b.Fatal(err)
		}
		if out.Summary.Rows != benchRows {
			b.Fatalf("%d rows", out.Summary.Rows)
		}
	}
	b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/benchRows/float64(b.N), "ns/row")
}

func BenchmarkResultsCSV(b *testing.B)       { benchResults(b, Kappa, "rows.csv") }
func BenchmarkResultsCSVGzip(b *testing.B)   { benchResults(b, Kappa, "rows.csv.gz") }
func BenchmarkResultsJSONLines(b *testing.B) { benchResults(b, Kappa, "rows.jsonl") }
func BenchmarkResultsParquet(b *testing.B)   { benchResults(b, Kappa, "rows.parquet") }
func BenchmarkResultsOracle(b *testing.B)    { benchResults(b, Oracle, "rows.csv") }
