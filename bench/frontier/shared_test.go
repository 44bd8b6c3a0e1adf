package frontier

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"parallax/scenarios"
)

// TestOracleSharedData: the recorded tables of what each bound drops, and of what has
// arrived at each lag, come out of the frontier exactly.
func TestOracleSharedData(t *testing.T) {
	dir := "../../../shared/data/"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("skipped: the recorded data is not beside the repository (../shared/data)")
	}
	const day = 86_400_000_000
	for _, c := range []struct {
		job, expected string
		o             JobOptions
	}{
		{"iot_watermark_drops_1s", "iot_umts_disorder/expected/watermark_drops_1s.csv", JobOptions{ByPartition: true}},
		{"flights_watermark_drops_1h", "nyc_flights_weather/expected/watermark_drops_1h.csv", JobOptions{}},
		{"dpdk_watermark_drops_7d", "dpdk_patch_lateness/expected/watermark_drops_7d.csv", JobOptions{}},
		{"iot_watermark_drops_1s", "iot_umts_disorder/expected/completeness_1s_by_lag.csv", JobOptions{ByPartition: true, Lag: true}},
		{"flights_watermark_drops_1h", "nyc_flights_weather/expected/completeness_1h_by_lag.csv", JobOptions{Lag: true}},
		{"dpdk_watermark_drops_7d", "dpdk_patch_lateness/expected/completeness_7d_by_lag.csv", JobOptions{Lag: true, Horizon: 365 * day}},
	} {
		t.Run(filepath.Base(c.expected), func(t *testing.T) {
			header, want := readCSV(t, dir+c.expected)
			step := slices.IndexFunc(header, func(s string) bool { return s == "bound_ms" || s == "lag_ms" })
			for _, row := range want {
				ms, err := strconv.ParseInt(row[step], 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				c.o.Delays = append(c.o.Delays, ms*1000)
			}
			slices.Sort(c.o.Delays)
			c.o.Delays = slices.Compact(c.o.Delays)
			job, err := scenarios.Load("../../scenarios/data/"+c.job+".yaml", nil)
			if err != nil {
				t.Fatal(err)
			}
			out, err := Run(job, c.o)
			if err != nil {
				t.Fatal(err)
			}
			got := asExpected(out, header)
			sortRows(got)
			sortRows(want)
			if len(got) != len(want) {
				t.Errorf("%d rows, want %d", len(got), len(want))
			}
			for i := range min(len(got), len(want)) {
				if !slices.Equal(got[i], want[i]) {
					t.Fatalf("%v, want %v (%v)", got[i], want[i], header)
				}
			}
		})
	}
}

// asExpected is a result in the columns of a recorded table; the curve of all rows is
// left out where there are others.
func asExpected(r *Result, header []string) (rows [][]string) {
	table := r.Table()
	at := map[string]int{}
	for i, name := range table.Schema.Names() {
		at[name] = i
	}
	names := map[string]string{"bound_ms": "delay_ms"}
	for i := range table.Rows {
		if len(r.Curves) > 1 && table.Value(i, 0).Null {
			continue
		}
		row := make([]string, len(header))
		for c, name := range header {
			if name == "rows_kept" {
				row[c] = strconv.FormatInt(table.Value(i, at["rows"]).Int-table.Value(i, at["rows_dropped"]).Int, 10)
				continue
			}
			if other := names[name]; other != "" {
				name = other
			}
			row[c] = table.Value(i, at[name]).Text()
		}
		rows = append(rows, row)
	}
	return rows
}

func sortRows(rows [][]string) { slices.SortFunc(rows, slices.Compare) }

func readCSV(t *testing.T, file string) (header []string, rows [][]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}
