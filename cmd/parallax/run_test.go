package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/scenarios"
	"parallax/sim"
)

// volatile are the numbers of a run that any change of the cluster changes. That they
// are the same every time is for TestDeterminismRun.
var (
	volatile = regexp.MustCompile(`(?m)^  (cluster|machines|disks|messages|links|log|worker|checked|trace) .*$`)
	counted  = regexp.MustCompile(`"(cluster_s|events|trace)":("[0-9a-f]+"|[0-9.]+)`)
	counters = regexp.MustCompile(`"counters":\{[^}]*\}`)
	number   = regexp.MustCompile(`:[0-9]+`)
)

// golden compares a transcript of commands, without what is volatile, with a file
// of testdata.
func golden(t *testing.T, here, name string, commands ...[]string) {
	t.Helper()
	var all strings.Builder
	for _, args := range commands {
		transcript, _ := command(args...)
		transcript = volatile.ReplaceAllString(transcript, "  $1 #")
		transcript = counters.ReplaceAllStringFunc(transcript, func(s string) string { return number.ReplaceAllString(s, ":#") })
		all.WriteString(counted.ReplaceAllString(transcript, `"$1":#`))
	}
	got := all.String()
	file := filepath.Join(here, "testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil { //nolint:gosec // committed test data
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", file, diff)
	}
}

// runJobs are jobs of which a run says something special.
func runJobs(t *testing.T) (here string) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	folder(t)
	for name, text := range map[string]string{
		"operator.yaml": clicksJob + "late: {rule: operator}\n",
		"idle.yaml":     strings.Replace(clicksJob, "unit: ms}", "unit: ms}\n  partitions: 3\n  idle: {after: 2s}", 1),
		"empty.csv":     "user,page,at,ms\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return here
}

// TestVectorRun compares what run prints, trace hashes included, with golden
// files.
func TestVectorRun(t *testing.T) {
	here := runJobs(t)
	golden(t, here, "run",
		[]string{"run", "clicks.yaml"},
		[]string{"run", "clicks.yaml", "--seed", "0x10", "--brokers", "1", "--pace", "3", "--set", "source.partitions=2"},
		[]string{"run", "clicks.yaml", "--json", "--faults", "none"},
		[]string{"run", "idle.yaml"},
		[]string{"run", "clicks.yaml", "--set", "watermark.across=own", "--set", "source.partition_by=user"},
		[]string{"run", "clicks.yaml", "--set", "source.file=empty.csv", "--set", "source.columns={ms: int64}"},
	)
	golden(t, here, "run_mistakes",
		[]string{"run"},
		[]string{"run", "nothing.yaml"},
		[]string{"run", "operator.yaml"},
		[]string{"run", "clicks.yaml", "--set", "source.idle={after: 0s}"},
		[]string{"run", "clicks.yaml", "--faults", "some"},
		[]string{"run", "clicks.yaml", "--brokers", "0"},
		[]string{"run", "clicks.yaml", "--pace", "-1"},
		[]string{"run", "clicks.yaml", "--pace", "9000000"},
		[]string{"run", "clicks.yaml", "--format", "xml"},
		[]string{"run", "clicks.yaml", "--real-time"},
		[]string{"run", "type.yaml"},
		[]string{"run", "--help"},
	)
}

// TestDifferentialRun: --results writes what the command results prints, in every
// format.
func TestDifferentialRun(t *testing.T) {
	runJobs(t)
	for _, format := range []string{"csv", "jsonl", "parquet"} {
		if transcript, code := command("results", "clicks.yaml", "-q", "--format", format, "-o", "results."+format); code != 0 {
			t.Fatal(transcript)
		}
		if transcript, code := command("run", "clicks.yaml", "-q", "--seed", "3", "--results", "run."+format); code != 0 {
			t.Fatal(transcript)
		}
		results, err := os.ReadFile("results." + format)
		if err != nil {
			t.Fatal(err)
		}
		view, err := os.ReadFile("run." + format)
		if err != nil {
			t.Fatal(err)
		}
		if string(view) != string(results) {
			t.Errorf("run wrote\n%s\nresults wrote\n%s", view, results)
		}
	}
}

// TestDeterminismRun: the same command gives the same bytes, another seed does not.
func TestDeterminismRun(t *testing.T) {
	runJobs(t)
	first, _ := command("run", "clicks.yaml", "--json", "--seed", "5")
	again, _ := command("run", "clicks.yaml", "--json", "--seed", "5")
	if first != again {
		t.Errorf("first\n%s\nagain\n%s", first, again)
	}
	other, _ := command("run", "clicks.yaml", "--json", "--seed", "6")
	trace := func(transcript string) string {
		var o runOutcome
		_, text, _ := strings.Cut(transcript, "stdout\n")
		text, _, _ = strings.Cut(text, "\n")
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		return o.Trace
	}
	if trace(first) == trace(other) {
		t.Error("two seeds have the same trace")
	}
}

// TestVectorLinks: results go into a device, and through a link, and replace neither.
func TestVectorLinks(t *testing.T) {
	folder(t)
	if err := os.WriteFile("real.csv", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"link.csv": "real.csv", "null.csv": os.DevNull} {
		if err := os.Symlink(target, link); err != nil {
			t.Skipf("skipped: no links here: %v", err)
		}
		if transcript, code := command("results", "clicks.yaml", "-q", "-o", link); code != 0 {
			t.Fatal(transcript)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is a link no more: %v, %v", link, info, err)
		}
	}
	if data, err := os.ReadFile("real.csv"); err != nil || !strings.HasPrefix(string(data), "user,") {
		t.Errorf("%q, %v", data, err)
	}
}

// TestVectorRunFails: a violated run has exit code 1 and says what broke, how to see
// it again, and where.
func TestVectorRunFails(t *testing.T) {
	f := &runFlags{seed: 7, faults: faultsDefault, arch: archKappa, brokers: 3, sets: []string{"watermark.bounded=5s"}}
	failure := &sim.Failure{Event: 812, Node: "view", Err: errors.New("cluster: a batch is lost")}
	for _, c := range []struct {
		kind, want string
		why        error
	}{
		{"safety", "event 812 on view, after 3.0 s of the cluster's time", failure},
		{"liveness", "at the end, after 3.0 s", errors.New("cluster: does not catch up")},
	} {
		r := &scenarios.ClusterRun{Verdict: scenarios.Violated, Kind: c.kind, Why: c.why, Pace: 1, ClusterNs: 3e9}
		o := newRunOutcome(f, &scenarios.Job{File: "job's.yaml", Name: "clicks"}, r, archKappa)
		var text, footer bytes.Buffer
		if err := o.print(&text); err != nil {
			t.Fatal(err)
		}
		code := report(&footer, o.err(r))
		again := `parallax run 'job'\''s.yaml' --seed 7 --set watermark.bounded=5s`
		lines := strings.Split(footer.String(), "\n")
		if code != exitViolated || len(lines) != 4 || !strings.HasPrefix(lines[0], c.kind+": cluster: ") ||
			lines[1] != "reproduce: "+again || lines[2] != "where: "+c.want {
			t.Errorf("exit %d\n%s", code, footer.String())
		}
		if !strings.HasPrefix(text.String(), "FAIL clicks: seed 7, ") || strings.Contains(text.String(), "exact") {
			t.Error(text.String())
		}
	}
}

// TestVectorRunWatched: --log and --metrics write lines of JSON, and do not change the
// run.
func TestVectorRunWatched(t *testing.T) {
	runJobs(t)
	plain, _ := command("run", "clicks.yaml", "--json", "--seed", "5")
	seen, code := command("run", "clicks.yaml", "--json", "--seed", "5", "--log", "log.jsonl", "--metrics", "metrics.jsonl")
	_, plainOut, _ := strings.Cut(plain, "\n")
	_, seenOut, _ := strings.Cut(seen, "\n")
	if code != 0 || plainOut != seenOut {
		t.Fatalf("%s\n%s", plain, seen)
	}
	for file, least := range map[string]int{"log.jsonl": 20, "metrics.jsonl": 10} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		if len(lines) < least {
			t.Errorf("%s has %d lines", file, len(lines))
		}
		var last map[string]any
		for _, line := range lines {
			last = nil
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Fatalf("%s: %v: %s", file, err, line)
			}
		}
		if file == "metrics.jsonl" && (last["rows"] != 4.0 || last["schema"] != "parallax.metrics/v1") {
			t.Errorf("at the end: %v", last)
		}
	}
	if transcript, code := command("run", "clicks.yaml", "--live", "state", "--log", "log.jsonl"); code != exitInvalid {
		t.Error(transcript)
	}
	if transcript, code := command("run", "clicks.yaml", "--metrics", filepath.Join("nowhere", "m.jsonl")); code != exitInvalid {
		t.Error(transcript)
	}
}
