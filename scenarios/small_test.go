package scenarios

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parallax/scenarios/source"
)

//go:generate go test -run TestOracleSmallData -update .

var update = flag.Bool("update", false, "write the small inputs and what is expected of them anew")

const smallDir = "data/small"

// smallInputs makes files of the shapes of the recorded data, always the same.
func smallInputs() map[string]string {
	return map[string]string{
		"events.csv":     smallEvents(),
		"departures.csv": smallDepartures(),
		"flights.csv":    smallFlights(),
		"patches.csv":    smallPatches(),
		"lines.csv":      smallLines(),
		"points.csv":     smallPoints(),
		"arrivals.csv":   smallArrivals(),
	}
}

func dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 20140)) }

func smallEvents() string {
	r, b := dice(1), strings.Builder{}
	b.WriteString("seq,session,device_id,message_id,event_time_ms,send_time_ms,arrival_time_ms,content_length,network,ntp_offset_ms\n")
	seq, base := 0, int64(1_415_624_019_862)
	for session := 1; session <= 3; session++ {
		arrival := base
		for i := range 400 {
			arrival += int64(r.IntN(60))
			late := int64(20 + r.IntN(200))
			if r.IntN(25) == 0 {
				late += int64(r.IntN(5300))
			}
			fmt.Fprintf(&b, "%d,d-%d,dev_%d,%d,%d,%d,%d,%d,UMTS,%d\n", seq, session, r.IntN(9)+1, i, arrival-late, arrival-late+2, arrival, 255+r.IntN(20), r.IntN(900))
			seq++
		}
		base = arrival + 100_000
	}
	return b.String()
}

func smallDepartures() string {
	r, b := dice(2), strings.Builder{}
	b.WriteString("flight_id,flight_date,carrier,flight,tailnum,origin,dest,dep_time_local,dep_delay_min,distance_mi,sched_dep_ms,dep_ms\n")
	at := int64(1_357_035_420_000)
	for i := range 900 {
		at += int64(r.IntN(6)) * 60_000
		delay := r.IntN(20) - 8
		if r.IntN(9) == 0 {
			delay += r.IntN(240)
		}
		tail := fmt.Sprintf("N%05d", r.IntN(300))
		if r.IntN(80) == 0 {
			tail = ""
		}
		day := time.UnixMilli(at).UTC()
		fmt.Fprintf(&b, "%d,%s,UA,%d,%s,%s,IAH,%s,%d,%d,%d,%d\n", i, day.Format("2006-01-02"), r.IntN(2000), tail,
			[]string{"EWR", "JFK", "LGA"}[r.IntN(3)], strings.TrimLeft(day.Format("1504"), "0")+"", delay, 200+r.IntN(2000), at-int64(delay)*60_000, at)
	}
	return b.String()
}

func smallFlights() string {
	r, b := dice(3), strings.Builder{}
	b.WriteString("flight_id,origin,dest,carrier,dep_ms,arr_time_local,arr_delay_min,air_time_min,arr_ms\n")
	at := int64(1_357_041_720_000)
	for i := range 900 {
		at += int64(r.IntN(6)) * 60_000
		air := 35 + r.IntN(330)
		if r.IntN(150) == 0 {
			air += 350
		}
		airTime := fmt.Sprint(air)
		if r.IntN(60) == 0 {
			airTime = ""
		}
		fmt.Fprintf(&b, "%d,JFK,BOS,B6,%d,%d,%d,%s,%d\n", i, at-int64(air+15)*60_000, r.IntN(2400), r.IntN(60)-20, airTime, at)
	}
	return b.String()
}

func smallPatches() string {
	r, b := dice(4), strings.Builder{}
	b.WriteString("seq,author_id,component,event_time_ms,arrival_time_ms\n")
	at := int64(1_362_650_262_000)
	components := []string{"", "net/mlx5", "app/testpmd", "doc", "mk", "lib, \"old\"", "eal"}
	for i := range 900 {
		at += int64(r.IntN(40)) * 3_600_000
		days := int64(r.IntN(20))
		if r.IntN(12) == 0 {
			days += int64(r.IntN(700))
		}
		component := components[r.IntN(len(components))]
		if strings.Contains(component, `"`) {
			component = `"` + strings.ReplaceAll(component, `"`, `""`) + `"`
		}
		fmt.Fprintf(&b, "%d,a%04d,%s,%d,%d\n", i, r.IntN(60), component, at-days*86_400_000-int64(r.IntN(80_000_000))+1_000_000, at)
	}
	return b.String()
}

func smallLines() string {
	r, b := dice(5), strings.Builder{}
	b.WriteString("seq,invoice_no,stock_code,description,quantity,invoice_date,unit_price,customer_id,country\n")
	at := time.Date(2010, 12, 1, 8, 26, 0, 0, time.UTC)
	invoice := 536_365
	for i := range 900 {
		if r.IntN(5) == 0 {
			invoice++
			at = at.Add(time.Duration(r.IntN(40)) * time.Minute)
		}
		number, quantity := fmt.Sprint(invoice), r.IntN(40)+1
		if r.IntN(30) == 0 {
			number, quantity = "C"+number, -quantity
		}
		customer := fmt.Sprintf("%d.0", 17_000+invoice%40)
		if r.IntN(6) == 0 {
			customer = ""
		}
		price := []string{"2.55", "0.001", "3.39", "-11062.06", "0.0", "12.75", "0.85", "295.0"}[r.IntN(8)]
		description := []string{"WHITE LANTERN", "", `"HOOK, ""OWL"""`, " 4 PURPLE CUPS", "HOT-WATER ÉTUI"}[r.IntN(5)]
		fmt.Fprintf(&b, "%d,%s,%d%c,%s,%d,%s,%s,%s,%s\n", i, number, 20_000+r.IntN(2000), 'A'+rune(r.IntN(3)), description, quantity,
			at.Format("2006-01-02 15:04:05"), price, customer, []string{"United Kingdom", "France", "EIRE"}[r.IntN(3)])
	}
	return b.String()
}

func smallPoints() string {
	r, b := dice(6), strings.Builder{}
	b.WriteString("series,row,event_time_ms,timestamp,value\n")
	for s := range 4 {
		at := time.Date(2014, 2, 14, 14, 30, 0, 0, time.UTC)
		for i := range 250 {
			at = at.Add(time.Duration(r.IntN(6)) * time.Minute)
			shown := at
			if r.IntN(40) == 0 {
				shown = at.Add(-time.Duration(r.IntN(50)) * time.Minute)
			}
			value := fmt.Sprint(float64(r.IntN(4_000_000))/1000 + r.Float64()*float64(r.IntN(2))/1e9)
			if s == 3 {
				value = fmt.Sprint(r.IntN(39_197))
			}
			fmt.Fprintf(&b, "realKnownCause/series_%d,%d,%d,%s,%s\n", s, i, shown.UnixMilli(), shown.Format("2006-01-02 15:04:05"), value)
		}
	}
	return b.String()
}

func smallArrivals() string {
	r, b := dice(7), strings.Builder{}
	b.WriteString("seq,node,arrival_time_ms,height,hash\n")
	at := int64(1_678_493_083_000)
	for i := range 900 {
		at += int64(r.IntN(600)) * 1000
		if r.IntN(100) == 0 {
			at += 7_200_000
		}
		fmt.Fprintf(&b, "%d,%s,%d,%d,%064x\n", i, []string{"darosior_node0", "vostrnad_node1"}[r.IntN(2)], at, 780_212+i/2, r.Uint64())
	}
	return b.String()
}

// smallJobs says which job runs over which small input, with which overrides.
var smallJobs = []struct{ job, input, name, set string }{
	{"iot_tumbling_5s_by_device", "events.csv", "", ""},
	{"iot_tumbling_1m", "events.csv", "", ""},
	{"iot_hopping_10s_2s", "events.csv", "", ""},
	{"iot_watermark_drops_1s", "events.csv", "", ""},
	{"iot_watermark_drops_1s", "events.csv", "_200ms", "watermark.bounded=200ms"},
	{"iot_watermark_drops_1s", "events.csv", "_allowed", "late.allowed=1s"},
	{"iot_hopping_10s_2s", "events.csv", "_drops", "watermark.bounded=0s"},
	{"flights_departures_1h_by_origin", "departures.csv", "", ""},
	{"flights_watermark_drops_1h", "flights.csv", "", ""},
	{"flights_watermark_drops_1h", "flights.csv", "_2h", "watermark.bounded=2h"},
	{"dpdk_tumbling_7d_by_component", "patches.csv", "", ""},
	{"dpdk_watermark_drops_7d", "patches.csv", "", ""},
	{"dpdk_watermark_drops_7d", "patches.csv", "_30d", "watermark.bounded=30d"},
	{"retail_tumbling_1h", "lines.csv", "", ""},
	{"retail_tumbling_1d_by_country", "lines.csv", "", ""},
	{"nab_tumbling_1h", "points.csv", "", ""},
	{"nab_tumbling_1h_float", "points.csv", "", ""},
	{"btc_tumbling_1h_by_node", "arrivals.csv", "", ""},
	{"iot_sessions_600ms_by_device", "events.csv", "", ""},
	{"iot_sessions_600ms_by_device", "events.csv", "_100ms", "watermark.bounded=100ms"},
	{"iot_sessions_600ms_by_device", "events.csv", "_overlapping", "pipeline.1.window={session: 600ms, merge: overlapping}"},
	{"iot_sessions_1s_by_device", "events.csv", "", ""},
	{"dpdk_sessions_1h_by_author", "patches.csv", "", ""},
	{"dpdk_sessions_1h_by_author", "patches.csv", "_30d", "watermark.bounded=30d"},
	{"btc_sessions_1h_by_node", "arrivals.csv", "", ""},
	{"flights_sessions_12h_by_tailnum", "departures.csv", "", ""},
	{"retail_sessions_30m_by_customer", "lines.csv", "", ""},
	{"iot_busiest_devices_1m", "events.csv", "", ""},
	{"iot_busiest_devices_1m", "events.csv", "_allowed", "late.allowed=3s"},
	{"iot_busiest_devices_1m", "events.csv", "_sessions", "pipeline.4.window={session: 7s}"},
	{"iot_visits_1m", "events.csv", "", ""},
	{"iot_visits_1m", "events.csv", "_1s", "watermark.bounded=1s"},
}

// smallAnswer is an answer as its expected file holds it.
func smallAnswer(t *testing.T, r *Results) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Table.Write(&b, source.CSV); err != nil {
		t.Fatal(err)
	}
	if r.Late.Rows > 0 {
		b.WriteString("\n")
		if err := r.Late.Write(&b, source.CSV); err != nil {
			t.Fatal(err)
		}
	}
	b.WriteString("\n")
	if err := r.Summary.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustWrite(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil { //nolint:gosec // committed test data
		t.Fatal(err)
	}
}

// TestOracleSmallData: the jobs for the recorded data, over small generated files
// of the same shapes, by both paths, byte for byte as the oracle once said.
func TestOracleSmallData(t *testing.T) {
	for name, data := range smallInputs() {
		file := filepath.Join(smallDir, name)
		if *update {
			mustWrite(t, file, []byte(data))
		}
		if have, err := os.ReadFile(file); err != nil || string(have) != data {
			t.Fatalf("%s is not what the generator makes (%v); go generate ./scenarios", file, err)
		}
	}
	for _, c := range smallJobs {
		sets := []string{"source.file=small/" + c.input}
		if c.set != "" {
			sets = append(sets, c.set)
		}
		expected := filepath.Join(smallDir, "expected", c.job+c.name+".txt")
		if *update {
			mustWrite(t, expected, smallAnswer(t, runFile(t, "data/"+c.job+".yaml", Oracle, sets...)))
		}
		want, err := os.ReadFile(expected)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range bothPaths {
			got := smallAnswer(t, runFile(t, "data/"+c.job+".yaml", path, sets...))
			if !bytes.Equal(got, want) {
				t.Errorf("%s%s by %s differs from %s:\n%s", c.job, c.name, path, expected, firstDifference(got, want))
			}
		}
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d: %s\nwant:    %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// TestDifferentialFormats: the same rows as CSV, JSON Lines and Parquet, plain and
// gzipped, give the same answer.
func TestDifferentialFormats(t *testing.T) {
	for _, c := range smallJobs {
		if c.name != "" {
			continue
		}
		want := smallAnswer(t, runFile(t, "data/"+c.job+".yaml", Kappa, "source.file=small/"+c.input))
		for _, format := range []source.Format{source.CSV, source.JSONL, source.Parquet} {
			data := convert(t, filepath.Join(smallDir, c.input), format)
			for _, zipped := range []bool{false, true} {
				file := filepath.Join(t.TempDir(), "rows."+string(format))
				if zipped {
					data, file = gzipped(t, data), file+".gz"
				}
				mustWrite(t, file, data)
				got := smallAnswer(t, runFile(t, "data/"+c.job+".yaml", Kappa, "source.file="+file))
				if !bytes.Equal(got, want) {
					t.Errorf("%s as %s, gzipped %v: %s", c.job, format, zipped, firstDifference(got, want))
				}
			}
		}
	}
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// convert reads a CSV of strings and integers and writes it in another format.
// Numbers that are no integers stay texts, which declared types read.
func convert(t testing.TB, file string, format source.Format) []byte {
	t.Helper()
	header, _ := readTable(t, file)
	spec := source.Spec{File: file, EventTime: source.TimeField{Field: header[0], Unit: "ms"}}
	for _, name := range header {
		switch name {
		case "unit_price", "value", "customer_id", "tailnum":
			spec.Columns = append(spec.Columns, columnField(name))
		case "series", "seq", "flight_id":
		}
	}
	if header[0] == "series" {
		spec.EventTime.Field = "row"
	}
	f, err := source.Scan(spec, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	table := newTable(f.Needed())
	if err := f.Read(source.ReadOptions{}, table.addBatch); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := table.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
