package nexmark

import (
	"hash/crc32"
	"strings"
	"testing"

	"parallax/scenarios"
	"parallax/scenarios/source"
)

// BenchmarkQueries is each query over 100,000 events as a job, from the CSV file to the
// results: rows a second of wall time. Its answer over the first 5,000 events is the
// oracle's, else there is no figure; "answer" is a checksum of the whole one.
func BenchmarkQueries(b *testing.B) {
	const checked, events = 5000, 100_000
	g := generator(b, Options{Seed: 1, Partitions: 2, Disorder: Disorder{Kind: Delay, PerMille: 100, Max: 3_000_000}})
	for _, query := range Queries {
		b.Run(query, func(b *testing.B) {
			text, err := Job(query, "bids.csv", 1000)
			if err != nil {
				b.Fatal(err)
			}
			run := func(n int64, path string) (csv string, rows int64, again func() error) {
				job, err := g.Open(b.TempDir(), text, n, nil)
				if err != nil {
					b.Fatal(err)
				}
				again = func() error {
					out, err := scenarios.Run(job, scenarios.Options{Path: path})
					if err != nil {
						return err
					}
					var table strings.Builder
					rows = out.Summary.Rows
					err = out.Table.Write(&table, source.CSV)
					csv = table.String()
					return err
				}
				if err := again(); err != nil {
					b.Fatal(err)
				}
				return csv, rows, again
			}
			kappa, _, _ := run(checked, scenarios.Kappa)
			if oracle, _, _ := run(checked, scenarios.Oracle); oracle != kappa {
				b.Fatalf("%s: the engine's answer is not the oracle's", query)
			}
			csv, rows, again := run(events, scenarios.Kappa)
			for b.Loop() {
				if err := again(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(crc32.ChecksumIEEE([]byte(csv))), "answer")
			b.ReportMetric(0, "ns/op")
		})
	}
}
