package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/scenarios"
)

var update = flag.Bool("update", false, "write the golden outputs anew")

const clicksCSV = `user,page,at,ms
ann,/a,1000,12
bob,/b,2500,7
ann,/c,3000,30
bob,"/d,e",7000,1
ann,/late,2000,99
ann,/f,12000,5
`

const clicksJob = `parallax: job/v1
name: clicks
source:
  file: clicks.csv
  event_time: {field: at, unit: ms}
watermark: {bounded: 1s}
pipeline:
  - key_by: [user]
  - window: {tumble: 5s}
  - aggregate: {clicks: count(), total_ms: sum(ms)}
`

// folder is a place with a job, its data, and some jobs with mistakes.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"clicks.csv":  clicksCSV,
		"clicks.yaml": clicksJob,
		"hops.yaml": strings.Replace(strings.Replace(clicksJob, "{tumble: 5s}", "{hop: 4s, every: 2s}", 1),
			"  event_time:", "  partition_by: [user]\n  event_time:", 1),
		"wrong.yaml": strings.Replace(clicksJob, "sum(ms)", "sum(at)", 1),
		"best.yaml":  clicksJob + "  - window: {tumble: 10s}\n  - aggregate: {most: max(clicks)}\n",
		"empty.csv":  "user,page,at,ms\n",
		"ragged.csv": "user,page,at,ms\nann,/a,1000\nbob,/b,2000,3\n",
		"panes.yaml": strings.Replace(clicksJob, "  - aggregate", "  - trigger: {early: {count: 2}, late: never}\n  - aggregate", 1) +
			"late: {allowed: 9s}\n",
		"unknown.yaml":    strings.Replace(clicksJob, "bounded", "bonded", 1),
		"column.yaml":     strings.Replace(clicksJob, "sum(ms)", "sum(mss)", 1),
		"type.yaml":       strings.Replace(clicksJob, "sum(ms)", "sum(page)", 1),
		"function.yaml":   strings.Replace(clicksJob, "sum(ms)", "smu(ms)", 1),
		"order.yaml":      strings.Replace(clicksJob, "  - key_by: [user]\n", "", 1) + "  - key_by: [user]\n",
		"no-data.yaml":    strings.Replace(clicksJob, "clicks.csv", "nothing.csv", 1),
		"time-field.yaml": strings.Replace(clicksJob, "field: at", "field: att", 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

// command runs the program and prints everything that it did.
func command(args ...string) (transcript string, code int) {
	var stdout, stderr bytes.Buffer
	code = run(args, &stdout, &stderr)
	var b strings.Builder
	b.WriteString("$ parallax " + strings.Join(args, " ") + "\n")
	for _, part := range []struct{ name, text string }{{"stdout", stdout.String()}, {"stderr", stderr.String()}} {
		if part.text != "" {
			b.WriteString("--- " + part.name + "\n" + part.text)
		}
	}
	b.WriteString("--- exit " + string(rune('0'+code)) + "\n\n")
	return b.String(), code
}

// transcripts lists the commands of each golden file.
var transcripts = []struct {
	golden   string
	commands [][]string
}{
	{"results", [][]string{
		{"results", "clicks.yaml"},
		{"results", "clicks.yaml", "--path", "oracle", "-q"},
		{"results", "clicks.yaml", "--format", "jsonl", "-v"},
		{"results", "clicks.yaml", "--set", "watermark.bounded=10s", "--set", "pipeline.1.window.tumble=10s"},
		{"results", "clicks.yaml", "--set", "source.file=ragged.csv", "--set", "source.on_error=skip"},
		{"results", "clicks.yaml", "--summary", "-", "-q"},
		{"results", "panes.yaml", "--panes", "-"},
		{"results", "panes.yaml", "--panes", "-", "--path", "oracle", "--format", "jsonl"},
		{"results", "clicks.yaml", "--print-config", "--set", "watermark.bounded=5s", "--set", "late.allowed=1m"},
	}},
	{"results_mistakes", [][]string{
		{"results"},
		{"results", "nothing.yaml"},
		{"results", "clicks.yaml", "--path", "gamma"},
		{"results", "clicks.yaml", "--format", "xml"},
		{"results", "clicks.yaml", "--nothing"},
		{"results", "clicks.yaml", "--set", "watermark"},
		{"results", "clicks.yaml", "--set", "watermark.bounded=5x"},
		{"results", "clicks.yaml", "--set", "pipeline.7.window.tumble=1s"},
		{"results", "clicks.yaml", "--set", "source.file=ragged.csv"},
		{"results", "clicks.yaml", "--set", "source.columns={page: int64, ms: string}"},
		{"results", "clicks.yaml", "--set", "source.columns={user: int64}"},
		{"results", "unknown.yaml"},
		{"results", "panes.yaml", "--panes", "-", "--set", "pipeline.1.window={session: 5s}"},
		{"results", "clicks.yaml", "--panes", "-", "--set", "pipeline.1.window={session: 5s}"},
		{"results", "type.yaml"},
		{"results", "no-data.yaml"},
		{"nothing"},
	}},
	{"profiles", [][]string{
		{"results", "hops.yaml", "--profile", "flink,beam"},
		{"results", "hops.yaml", "--profile", "flink,kafka-streams"},
		{"results", "hops.yaml", "--profile", "flink,kafka-streams", "--set", "late.rule=log", "--json"},
		{"results", "hops.yaml", "--profile", "flink,beam,kafka-streams", "--set", "pipeline.1.window={session: 1s}", "--set", "watermark.bounded=20s"},
		{"results", "hops.yaml", "--set", "profile=kafka-streams"},
		{"results", "hops.yaml", "--set", "profile=kafka-streams", "--print-config"},
		{"results", "hops.yaml", "--profile", "flink"},
		{"results", "clicks.yaml", "--profile", "flink,spark", "--set", "watermark.batch={rows: 1}"},
		{"results", "hops.yaml", "--profile", "flink,samza"},
		{"results", "hops.yaml", "--profile", "flink,flink"},
		{"results", "hops.yaml", "--profile", "flink,beam", "--late", "late.csv"},
		{"results", "hops.yaml", "--json"},
		{"results", "hops.yaml", "--set", "profile=storm"},
		{"results", "hops.yaml", "--set", "pipeline.1.window={session: 2s, clamp: true}"},
	}},
	{"lint", [][]string{
		{"lint", "clicks.yaml", "-v"},
		{"lint", "clicks.yaml", "unknown.yaml", "column.yaml", "function.yaml", "order.yaml", "time-field.yaml", "no-data.yaml"},
		{"lint", "type.yaml"},
		{"lint", "--set", "pipeline.2.trigger.early.every=5s", "--set", "pipeline.2.trigger.early.count=1", "panes.yaml"},
		{"lint", "--set", "pipeline.1.window.tumble=1500us", "clicks.yaml"},
		{"lint", "--set", "pipeline.2.aggregate.user=count()", "clicks.yaml"},
		{"lint", "--json", "column.yaml", "nothing.yaml"},
		{"lint", "--set", "source.file=ragged.csv", "--data", "clicks.yaml"},
	}},
	{"frontier", [][]string{
		{"frontier", "clicks.yaml"},
		{"frontier", "clicks.yaml", "--delays", "0s,2500ms,4s", "--format", "jsonl", "-q"},
		{"frontier", "clicks.yaml", "--rule", "lag", "--delays", "0s,5s", "-q"},
		{"frontier", "clicks.yaml", "--rule", "lag", "--format", "table"},
		{"frontier", "clicks.yaml", "--set", "source.partition_by=user", "--by-partition", "--delays", "1s", "-q", "--format", "table"},
		{"frontier", "clicks.yaml", "--set", "source.partitions=2", "--by-partition", "--delays", "1s", "-q"},
		{"frontier", "clicks.yaml", "--set", "pipeline.1.window={session: 2s}", "--delays", "0s,10s"},
		{"frontier", "clicks.yaml", "--set", "watermark={percentile: 0.5}", "--delays", "0s,1s,4s"},
		{"frontier", "clicks.yaml", "--set", "pipeline.1.window={session: 2s}"},
		{"frontier", "clicks.yaml", "--set", "pipeline.1.window={session: 2s}", "--rule", "lag"},
		{"frontier", "clicks.yaml", "--delays", "0s,fast"},
		{"frontier", "clicks.yaml", "--horizon", "1d"},
		{"frontier", "clicks.yaml", "--rule", "clock"},
		{"frontier", "unknown.yaml"},
		{"frontier", "--help"},
	}},
	{"compare", [][]string{
		{"compare", "clicks.yaml", "--arch", "kappa", "--seeds", "2", "-q", "--goal", "completeness 100%"},
		{"compare", "clicks.yaml", "--arch", "kappa", "--seeds", "1", "-q", "--delay", "0s,6s", "--faults", "none", "--goal", "latency p99 1ms"},
		{"compare", "clicks.yaml", "--seeds", "1", "-q", "--delay", "1s", "--batch", "5s", "--goal", "completeness 100%"},
		{"compare", "clicks.yaml", "--seeds", "1", "-q", "--set", "pipeline.1.window={session: 2s}", "--delay", "2s", "--faults", "none"},
		{"compare"},
		{"compare", "clicks.yaml", "--arch", "zeta"},
		{"compare", "clicks.yaml", "--delay", "fast"},
		{"compare", "clicks.yaml", "--batch", "0s"},
		{"compare", "clicks.yaml", "--faults", "all"},
		{"compare", "clicks.yaml", "--seeds", "-1"},
		{"compare", "clicks.yaml", "--goal", "completeness 99.9"},
		{"compare", "clicks.yaml", "--set", "source.file=empty.csv"},
		{"compare", "clicks.yaml", "--set", "source.idle={after: 3s}"},
		{"compare", "clicks.yaml", "--set", "late.rule=operator"},
		{"compare", "best.yaml"},
		{"compare", "unknown.yaml"},
		{"compare", "--help"},
	}},
	{"recover", [][]string{
		{"recover", "clicks.yaml", "--buggy", "wrong.yaml", "--for", "9s"},
		{"recover", "clicks.yaml", "--buggy", "wrong.yaml", "--for", "9s", "--batch", "every=2s,late=same", "--seed", "2", "--json"},
		{"recover", "clicks.yaml", "--buggy", "wrong.yaml", "--at", "3s", "--for", "6s"},
		{"recover", "clicks.yaml", "--buggy", "wrong.yaml", "--at", "-3s"},
		{"recover", "clicks.yaml"},
		{"recover", "clicks.yaml", "--buggy", "wrong.yaml", "--for", "long"},
		{"recover", "clicks.yaml", "--buggy", "hops.yaml"},
		{"recover", "clicks.yaml", "--buggy", "best.yaml"},
		{"recover", "clicks.yaml", "--buggy", "unknown.yaml"},
		{"recover", "clicks.yaml", "--buggy", "wrong.yaml", "--set", "source.file=empty.csv"},
		{"recover", "clicks.yaml", "--buggy", "wrong.yaml", "--set", "pipeline.1.window={session: 2s}"},
		{"recover", "--help"},
	}},
	{"why", [][]string{
		{"why", "clicks.yaml", "--at", "6s"},
		{"why", "clicks.yaml", "--at", "7000", "--set", "source.partition_by=user", "--set", "late.allowed=2s"},
		{"why", "clicks.yaml", "--window", "0", "--key", "user=ann"},
		{"why", "clicks.yaml", "--at", "1970-01-01T00:00:07Z", "--window", "0/5000", "--json"},
		{"why", "clicks.yaml", "--at", "3000", "--set", "pipeline.1.window={session: 2s}"},
		{"why", "clicks.yaml", "--window", "0/9000", "--set", "pipeline.1.window={session: 2s}", "--set", "late.allowed=1s"},
		{"why", "clicks.yaml", "--at", "5s", "--set", "source.partition_by=user", "--set", "late.rule=operator", "--set", "source.idle={after: 3s}"},
		{"why", "clicks.yaml", "--set", "source.partition_by=user", "--set", "watermark={per_key: page, bounded: 3s}"},
		{"why", "clicks.yaml", "--set", "watermark={percentile: 0.9}"},
		{"why", "clicks.yaml", "--at", "7000", "--set", "source.partition_by=user", "--set", "late.rule=operator", "--set", "source.align={drift: 1s}"},
		{"why", "clicks.yaml", "--window", "0", "--set", "source.partition_by=user", "--set", "late={rule: operator, allowed: 1m}", "--set", "source.idle={after: 3s}"},
		{"why", "best.yaml", "--at", "6s"},
		{"why", "best.yaml", "--window", "0/5000"},
		{"why", "clicks.yaml", "--at", "-1s", "--set", "watermark.across=own", "--set", "source.partition_by=user"},
		{"why", "clicks.yaml", "--set", "source.file=empty.csv", "--set", "source.partition_by=user", "--set", "watermark.across=own", "--window", "0"},
	}},
	{"why_mistakes", [][]string{
		{"why"},
		{"why", "nothing.yaml"},
		{"why", "clicks.yaml", "--at", "noon"},
		{"why", "clicks.yaml", "--window", "100"},
		{"why", "clicks.yaml", "--window", "0/7000"},
		{"why", "clicks.yaml", "--window", "now"},
		{"why", "clicks.yaml", "--key", "usr=ann"},
		{"why", "clicks.yaml", "--key", "ann"},
		{"why", "clicks.yaml", "--window", "9/3", "--set", "pipeline.1.window={session: 2s}"},
		{"why", "clicks.yaml", "--set", "source.file=ragged.csv"},
	}},
	{"help", [][]string{{"results", "--help"}, {"why", "--help"}, {"lint", "--help"}, {"schema", "--help"}, {"schema", "table"}}},
}

// TestVectorTranscripts compares what commands print with golden files.
func TestVectorTranscripts(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	folder(t)
	for _, c := range transcripts {
		t.Run(c.golden, func(t *testing.T) {
			var got strings.Builder
			for _, args := range c.commands {
				transcript, _ := command(args...)
				got.WriteString(transcript)
			}
			file := filepath.Join(here, "testdata", c.golden+".golden")
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil { //nolint:gosec // committed test data
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("differs from %s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// TestVectorFiles: --late, --rejects, --summary and --out write files, in the format
// that their names ask for, and the same bytes every time.
func TestVectorFiles(t *testing.T) {
	folder(t)
	read := func(name string) string {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for _, path := range []string{"kappa", "oracle"} {
		transcript, code := command("results", "clicks.yaml", "-q", "--path", path, "--late", "late.csv", "--summary", "summary.json", "-o", path+".parquet", "--format", "parquet")
		if code != 0 || strings.Contains(transcript, "---") && !strings.HasSuffix(transcript, "parquet\n--- exit 0\n\n") {
			t.Fatal(transcript)
		}
		want := "partition,offset,event_time_us,arrival_time_us,user,window_start_ms,window_end_ms,watermark_us,lateness_us,missed_by_us\n" +
			"0,4,2000000,7000000,ann,0,5000,6000000,5000000,1000000\n"
		if got := read("late.csv"); got != want {
			t.Errorf("late.csv:\n%s\nwant\n%s", got, want)
		}
		var summary map[string]any
		if err := json.Unmarshal([]byte(read("summary.json")), &summary); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]float64{
			"rows": 6, "pairs_on_time": 5, "pairs_revised": 0, "pairs_dropped": 1, "rows_dropped": 1,
			"rows_behind_watermark": 1, "windows": 4, "windows_incomplete": 1, "rejected": 0,
		} {
			if summary[key] != want {
				t.Errorf("summary %s = %v, want %v", key, summary[key], want)
			}
		}
	}
	if read("kappa.parquet") != read("oracle.parquet") || !strings.HasPrefix(read("kappa.parquet"), "PAR1") {
		t.Error("the two paths wrote different Parquet files")
	}
	if _, code := command("results", "clicks.yaml", "-q", "--set", "source.file=ragged.csv", "--set", "source.on_error=skip", "--rejects", "rejects.jsonl"); code != 0 {
		t.Fatal(code)
	}
	if got := read("rejects.jsonl"); !strings.Contains(got, `"line":2,"column":12`) || !strings.Contains(got, "ragged line") {
		t.Error(got)
	}
	if _, code := command("results", "clicks.yaml", "-q", "--late", "nowhere/late.csv"); code != 2 {
		t.Errorf("exit code %d for a folder that is not there", code)
	}
}

// TestVectorEnvironment: a variable stands in for a flag, which goes first.
func TestVectorEnvironment(t *testing.T) {
	folder(t)
	t.Setenv("PARALLAX_FORMAT", "jsonl")
	t.Setenv("PARALLAX_QUIET", "true")
	if transcript, code := command("results", "clicks.yaml"); code != 0 || !strings.Contains(transcript, `{"user":"ann"`) || strings.Contains(transcript, "stderr") {
		t.Error(transcript)
	}
	if transcript, code := command("results", "clicks.yaml", "--format", "csv"); code != 0 || !strings.Contains(transcript, "ann,0,5000") {
		t.Error(transcript)
	}
	t.Setenv("PARALLAX_QUIET", "perhaps")
	if transcript, code := command("results", "clicks.yaml"); code != 2 || !strings.Contains(transcript, "environment: PARALLAX_QUIET") {
		t.Error(transcript)
	}
}

// TestVectorCompletion: every shell gets a script, and values are offered.
func TestVectorCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if transcript, code := command("completion", shell); code != 0 || !strings.Contains(transcript, "parallax") {
			t.Errorf("%s: exit %d", shell, code)
		}
	}
	if transcript, _ := command("__complete", "results", "--path", ""); !strings.Contains(transcript, "kappa\nlambda\noracle\n") {
		t.Error(transcript)
	}
	if transcript, code := command(); code != 0 || !strings.Contains(transcript, "results     Answer a job") {
		t.Error(transcript)
	}
	for _, args := range [][]string{{"schema"}, {"schema", "job"}} {
		if transcript, code := command(args...); code != 0 || !strings.Contains(transcript, "--- stdout\n"+string(scenarios.JSONSchema())+"--- exit 0") {
			t.Error(transcript)
		}
	}
	if transcript, code := command("version"); code != 0 || !strings.HasPrefix(transcript, "$ parallax version\n--- stdout\nparallax job/v1 ") {
		t.Error(transcript)
	}
}
