package scenarios

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sharedDir is the folder of recorded event data beside the repository.
func sharedDir(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("skipped: the recorded data is not beside the repository (../shared/data)")
	}
	return dir
}

// readTable reads a CSV file, gzipped or not, into its header and rows.
func readTable(t testing.TB, file string) (header []string, rows [][]string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	all, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// rowSet makes rows comparable as a set: the columns in the given order, decimals
// without superfluous zeros.
func rowSet(header []string, rows [][]string, columns []string) []string {
	at := make([]int, len(columns))
	for i, name := range columns {
		at[i] = slices.Index(header, name)
	}
	set := make([]string, len(rows))
	for i, row := range rows {
		parts := make([]string, len(at))
		for j, a := range at {
			v := row[a]
			if strings.Contains(v, ".") && strings.Trim(v, "-0123456789.") == "" {
				v = strings.TrimSuffix(strings.TrimRight(v, "0"), ".")
			}
			parts[j] = columns[j] + "=" + v
		}
		set[i] = strings.Join(parts, " ")
	}
	slices.Sort(set)
	return set
}

// texts is a table as a CSV reader sees it.
func (t *Table) texts() (header []string, rows [][]string) {
	for i := 0; i < t.Rows; i++ {
		row := make([]string, len(t.Columns))
		for c := range row {
			row[c] = t.Value(i, c).Text()
		}
		rows = append(rows, row)
	}
	return t.Schema.Names(), rows
}

func sameSet(t *testing.T, got, want []string) {
	t.Helper()
	missing, extra := 0, 0
	for i, j := 0, 0; i < len(got) || j < len(want); {
		switch {
		case j == len(want) || i < len(got) && got[i] < want[j]:
			if extra++; extra <= 3 {
				t.Errorf("extra row %s", got[i])
			}
			i++
		case i == len(got) || got[i] > want[j]:
			if missing++; missing <= 3 {
				t.Errorf("missing row %s", want[j])
			}
			j++
		default:
			i++
			j++
		}
	}
	if missing+extra > 0 {
		t.Fatalf("%d rows are missing and %d are extra, of %d", missing, extra, len(want))
	}
}

func runFile(t testing.TB, file, path string, sets ...string) *Results {
	t.Helper()
	job, err := Load(file, sets)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(job, Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var bothPaths = []string{Kappa, Oracle}

// sharedJobs says which job answers which table of the recorded data.
var sharedJobs = []struct {
	job, expected string
	skip          func(header, row []string) bool
}{
	{"iot_tumbling_5s_by_device", "iot_umts_disorder/expected/tumbling_5s_by_device.csv.gz", nil},
	{"iot_tumbling_1m", "iot_umts_disorder/expected/tumbling_1m.csv", nil},
	{"iot_hopping_10s_2s", "iot_umts_disorder/expected/hopping_10s_2s.csv", nil},
	{"flights_departures_1h_by_origin", "nyc_flights_weather/expected/departures_1h_by_origin.csv.gz", nil},
	{"dpdk_tumbling_7d_by_component", "dpdk_patch_lateness/expected/tumbling_7d_by_component.csv.gz", nil},
	{"retail_tumbling_1h", "online_retail/expected/tumbling_1h.csv", nil},
	{"retail_tumbling_1d_by_country", "online_retail/expected/tumbling_1d_by_country.csv.gz", nil},
	{"nab_tumbling_1h", "nab_anomalies/expected/tumbling_1h.csv.gz", nil},
	{"btc_tumbling_1h_by_node", "btc_block_arrivals/expected/tumbling_1h_by_node.csv.gz", func(_, row []string) bool {
		return row[1] == "0" && row[2] == "0" // a window without rows is not listed
	}},
	{"iot_sessions_600ms_by_device", "iot_umts_disorder/expected/sessions_by_device.csv", otherThan("600")},
	{"iot_sessions_1s_by_device", "iot_umts_disorder/expected/sessions_by_device.csv", otherThan("1000")},
	{"dpdk_sessions_1h_by_author", "dpdk_patch_lateness/expected/sessions_1h_by_author.csv.gz", nil},
	{"btc_sessions_1h_by_node", "btc_block_arrivals/expected/sessions_gap_1h_by_node.csv", nil},
	{"flights_sessions_12h_by_tailnum", "nyc_flights_weather/expected/sessions_12h_by_tailnum.csv.gz", nil},
	{"retail_sessions_30m_by_customer", "online_retail/expected/sessions_30m_by_customer.csv.gz", nil},
}

// otherThan skips the rows of other gaps.
func otherThan(gap string) func(header, row []string) bool {
	return func(header, row []string) bool { return row[slices.Index(header, "gap_ms")] != gap }
}

// TestOracleSharedData compares the answers to recorded data with exact results
// that were computed apart from this project, by both paths.
func TestOracleSharedData(t *testing.T) {
	dir := sharedDir(t)
	for _, c := range sharedJobs {
		for _, path := range bothPaths {
			t.Run(c.job+"/"+path, func(t *testing.T) {
				header, rows := readTable(t, filepath.Join(dir, c.expected))
				if c.skip != nil {
					rows = slices.DeleteFunc(rows, func(row []string) bool { return c.skip(header, row) })
				}
				out := runFile(t, "data/"+c.job+".yaml", path)
				gotHeader, gotRows := out.Table.texts()
				sameSet(t, rowSet(gotHeader, gotRows, header), rowSet(header, rows, header))
				if out.Summary.PairsDropped != 0 || out.Late.Rows != 0 {
					t.Errorf("%d pairs dropped", out.Summary.PairsDropped)
				}
			})
		}
	}
}

// TestOracleSharedDataFloat: sums of float64 are those of the exact real numbers,
// rounded once.
func TestOracleSharedDataFloat(t *testing.T) {
	dir := sharedDir(t)
	header, rows := readTable(t, filepath.Join(dir, "nab_anomalies/points.csv.gz"))
	series, at, value := slices.Index(header, "series"), slices.Index(header, "event_time_ms"), slices.Index(header, "value")
	sums := map[string]*big.Float{}
	for _, r := range rows {
		ms, err := strconv.ParseInt(r[at], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		v, err := strconv.ParseFloat(r[value], 64)
		if err != nil {
			t.Fatal(err)
		}
		k := fmt.Sprintf("%s %d", r[series], ms-ms%3_600_000)
		if sums[k] == nil {
			sums[k] = new(big.Float).SetPrec(2200)
		}
		sums[k].Add(sums[k], new(big.Float).SetFloat64(v))
	}
	for _, path := range bothPaths {
		t.Run(path, func(t *testing.T) {
			out := runFile(t, "data/nab_tumbling_1h_float.yaml", path)
			names := out.Table.Schema
			if out.Table.Rows != len(sums) {
				t.Fatalf("%d rows, want %d", out.Table.Rows, len(sums))
			}
			for i := range out.Table.Rows {
				k := out.Table.Value(i, names.Index("series")).Text() + " " + out.Table.Value(i, names.Index("window_start_ms")).Text()
				want, _ := sums[k].Float64()
				if got := out.Table.Value(i, names.Index("sum_value")).Float; got != want {
					t.Fatalf("%s: sum %v, want %v", k, got, want)
				}
			}
		})
	}
}

// TestOracleSharedDataDrops compares what watermarks of every recorded bound drop.
func TestOracleSharedDataDrops(t *testing.T) {
	dir := sharedDir(t)
	for _, c := range []struct{ job, expected, partition string }{
		{"iot_watermark_drops_1s", "iot_umts_disorder/expected/watermark_drops_1s.csv", "session"},
		{"flights_watermark_drops_1h", "nyc_flights_weather/expected/watermark_drops_1h.csv", ""},
		{"dpdk_watermark_drops_7d", "dpdk_patch_lateness/expected/watermark_drops_7d.csv", ""},
	} {
		header, rows := readTable(t, filepath.Join(dir, c.expected))
		bound := slices.Index(header, "bound_ms")
		var bounds []string
		for _, r := range rows {
			if !slices.Contains(bounds, r[bound]) {
				bounds = append(bounds, r[bound])
			}
		}
		for _, path := range bothPaths {
			for _, b := range bounds {
				t.Run(fmt.Sprintf("%s/%s/%sms", c.job, path, b), func(t *testing.T) {
					out := runFile(t, "data/"+c.job+".yaml", path, "watermark.bounded="+b+"ms")
					want := slices.DeleteFunc(slices.Clone(rows), func(r []string) bool { return r[bound] != b })
					var got [][]string
					for _, p := range out.Summary.Partitions {
						got = append(got, dropRow(header, p, b))
					}
					sameSet(t, rowSet(header, got, header), rowSet(header, want, header))
					if s := out.Summary; s.RowsDropped != int64(out.Late.Rows) || s.PairsOnTime+s.PairsDropped != s.Rows {
						t.Errorf("summary %+v, %d late rows", s, out.Late.Rows)
					}
				})
			}
		}
	}
}

func dropRow(header []string, p PartitionSummary, bound string) []string {
	row := make([]string, len(header))
	for i, name := range header {
		switch name {
		case "bound_ms":
			row[i] = bound
		case "rows":
			row[i] = strconv.FormatInt(p.Rows, 10)
		case "rows_behind_watermark":
			row[i] = strconv.FormatInt(p.RowsBehindWatermark, 10)
		case "rows_dropped":
			row[i] = strconv.FormatInt(p.RowsDropped, 10)
		case "windows_incomplete":
			row[i] = strconv.FormatInt(p.WindowsIncomplete, 10)
		case "rows_kept":
			row[i] = strconv.FormatInt(p.Rows-p.RowsDropped, 10)
		default:
			row[i] = p.Values[0]
		}
	}
	return row
}
