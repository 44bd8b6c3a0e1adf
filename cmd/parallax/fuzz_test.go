package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parallax/scenarios"
	"parallax/scenarios/fuzz"
)

// inLibrary copies the library of scenarios to a folder of its own, and goes there.
func inLibrary(t *testing.T) (here string) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t)
	files, err := filepath.Glob(filepath.Join(here, "../../scenarios/library/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no library: ", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return here
}

// What the commands about scenarios print that no change of the engine changes.
func TestVectorScenarioCommands(t *testing.T) {
	here := inLibrary(t)
	if err := os.WriteFile("mistake.yaml", []byte("parallax: scenario/v1\nname: x\nsource:\n  colums: {a: int64}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	golden(t, here, "scenarios",
		[]string{"replay", "two-stragglers.yaml"},
		[]string{"replay", "two-stragglers.yaml", "--set", "watermark.bounded=6s", "-q"},
		[]string{"explain", "sum-in-any-order.yaml", "extra.yaml"},
		[]string{"diff", "two-stragglers.yaml"},
		[]string{"lint", "mistake.yaml", "two-stragglers.yaml", "-v"},
		[]string{"fmt", "--check", "two-stragglers.yaml", "sum-in-any-order.yaml"},
		[]string{"fmt", "mistake.yaml"},
		[]string{"fmt"},
		[]string{"list"},
		[]string{"zoo", "show", "no-dedup"},
		[]string{"zoo", "show", "no-dedap"},
		[]string{"zoo", "show", "two-reads"},
		[]string{"fuzz", "--seeds", "9..2"},
		[]string{"fuzz", "nothing.yaml"},
		[]string{"fuzz", "-j", "0"},
		[]string{"shrink", "two-stragglers.yaml"},
		[]string{"schema", "table"},
	)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"list", "properties"}, "A batch that was acknowledged is in the log, and stays there."},
		{[]string{"list", "faults"}, "crash-at-persist"},
		{[]string{"list", "aggregates"}, "quantile"},
		{[]string{"list", "probes"}, "a worker began from a checkpoint"},
		{[]string{"zoo", "list"}, "Any at-least-once log"},
		{[]string{"zoo", "list"}, "KAFKA-8351"},
	} {
		if transcript, code := command(c.args...); code != 0 || !strings.Contains(transcript, c.want) {
			t.Errorf("no %q in\n%s", c.want, transcript)
		}
	}
	for _, name := range []string{"fuzz", "replay", "shrink", "explain", "diff", "zoo", "fmt", "list"} {
		golden(t, here, "help_"+name, []string{name, "--help"})
	}
}

// A few seeds of each kind of target pass, and are played again by a second process.
func TestVectorFuzz(t *testing.T) {
	inLibrary(t)
	t.Setenv("PARALLAX_TEST_PROGRAM", "1") // for the second process
	if err := os.Mkdir("some", 0o700); err != nil {
		t.Fatal(err)
	}
	uncheckable(t, filepath.Join("some", "operator.yaml"))
	for _, file := range []string{"worker-crash.yaml", "two-stragglers.yaml"} {
		if err := os.Rename(file, filepath.Join("some", file)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"fuzz", "--seeds", "1..6"},
		{"fuzz", "clicks.yaml", "--seeds", "1..3", "--twice", "100"},
		{"fuzz", "copied-batch.yaml", "--seeds", "1..8", "-j", "2"},
		{"fuzz", "some", "--seeds", "1..4"},
		{"fuzz", "--seeds", "1..4", "--unrestricted", "--twice", "100"},
		{"fuzz", "--for", "1ms"},
	} {
		transcript, code := command(append(args, "--out", "found")...)
		if args[1] == "--for" {
			if code != exitPass && code != exitInconclusive {
				t.Error(transcript)
			}
			continue
		}
		if code != exitPass || !strings.Contains(transcript, "PASS") || !regexp.MustCompile(`again +[1-9] runs? by a second process`).MatchString(transcript) {
			t.Error(transcript)
		}
	}
	if files, err := filepath.Glob("found/*"); err != nil || len(files) > 0 {
		t.Errorf("written: %v, %v", files, err)
	}
	transcript, code := command("fuzz", "--seeds", "0x2", "--json", "--twice", "0")
	text := regexp.MustCompile(`(?m)^\{.*\}$`).FindString(transcript)
	var o fuzzOutcome
	if err := json.Unmarshal([]byte(text), &o); err != nil || code != 0 || o.Runs != 1 || o.Seeds != "2..2" || o.Format != "parallax.fuzz/v1" {
		t.Errorf("%v: %s", err, transcript)
	}
}

// uncheckable writes a job that can be answered, and not checked under faults.
func uncheckable(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile("clicks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	late := regexp.MustCompile(`(?m)^late:.*\n`).ReplaceAll(data, nil)
	if err := os.WriteFile(file, append(late, "late: {rule: operator}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What of a folder cannot be checked is skipped and listed; what shows nothing is counted
// apart, and is no pass.
func TestVectorFuzzShowsNothing(t *testing.T) {
	inLibrary(t)
	if err := os.Mkdir("some", 0o700); err != nil {
		t.Fatal(err)
	}
	uncheckable(t, filepath.Join("some", "operator.yaml"))
	transcript, code := command("fuzz", "some")
	if code != exitInconclusive || !strings.Contains(transcript, "nothing in some can be checked: some/operator.yaml:") {
		t.Errorf("exit %d\n%s", code, transcript)
	}
	if transcript, code := command("fuzz", filepath.Join("some", "operator.yaml")); code != exitInvalid {
		t.Errorf("exit %d\n%s", code, transcript)
	}
	if err := os.Rename("two-stragglers.yaml", "some/two-stragglers.yaml"); err != nil {
		t.Fatal(err)
	}
	transcript, code = command("fuzz", "some", "--seeds", "1..6", "--twice", "0", "--coverage")
	for _, want := range []string{
		"skipped: some/operator.yaml:", "\n  skipped   some/operator.yaml:", "\n  probes    ", "\n            never: ", "\nprobe ", "\nfamily ",
	} {
		if code != exitPass || !strings.Contains(transcript, want) {
			t.Fatalf("exit %d, no %q in\n%s", code, want, transcript)
		}
	}
	var o fuzzOutcome
	seed := uint64(0)
	for code = exitPass; code == exitPass && seed < 40; { // one drawn run in twelve shows nothing
		seed++
		transcript, code = command("fuzz", "--seeds", fmt.Sprint(seed), "--json", "--twice", "0", "-q")
	}
	if err := json.Unmarshal([]byte(regexp.MustCompile(`(?m)^\{.*\}$`).FindString(transcript)), &o); err != nil {
		t.Fatal(err, transcript)
	}
	if code != exitInconclusive || o.Verdict != scenarios.Inconclusive || o.Inconclusive != 1 || len(o.Nothing) != 1 || o.Nothing[0].Seed != seed ||
		len(o.Probes) == 0 || len(o.Families) == 0 {
		t.Errorf("exit %d: %s", code, transcript)
	}
	if transcript, code := command("replay", "nothing-struck.yaml"); code != exitPass || !strings.Contains(transcript, "\n  nothing   a fault of the list did not strike") {
		t.Errorf("exit %d\n%s", code, transcript)
	}
	if transcript, code := command("replay", "nothing-struck.yaml", "--set", "expect.verdict=pass"); code != exitInconclusive {
		t.Errorf("exit %d\n%s", code, transcript)
	}
	if transcript, code := command("replay", "log-destroyed.yaml"); code != exitPass || !strings.Contains(transcript, "\n  excused   partition 0: its replicas on broker-1, broker-2; records 0 to 2") {
		t.Errorf("exit %d\n%s", code, transcript)
	}
}

// A failure is shrunk, written with its trace, and reported in three lines; what was
// written replays alike, shrinks no further, and explains itself.
func TestVectorFuzzFails(t *testing.T) {
	inLibrary(t)
	t.Setenv("PARALLAX_TEST_PROGRAM", "1")
	// The answer that this scenario expects is not the one of its rows.
	data, err := os.ReadFile("sum-in-any-order.yaml")
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Replace(strings.Replace(string(data), "total: 2.3", "total: 2.5", 1), "name: sum-in-any-order", "name: wrong", 1)
	if err := os.WriteFile("wrong.yaml", []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	transcript, code := command("fuzz", "wrong.yaml", "--out", "found", "--seeds", "1..9", "--shrink", "20s")
	for _, want := range []string{
		"FAIL wrong.yaml", "\nas-expected: the view at the end: there is no row {start: 0s, total: 2.5}",
		"\nreproduce: parallax replay found/wrong-1.yaml   or: PARALLAX_SCENARIOS=", "go test parallax/scenarios -run 'TestScenarios/wrong-1$'",
		"\nwhere: event ", "trace in found/wrong-1.jsonl",
	} {
		if !strings.Contains(transcript, want) || code != exitViolated {
			t.Fatalf("exit %d, no %q in\n%s", code, want, transcript)
		}
	}
	if transcript, code := command("replay", "found/wrong-1.yaml"); code != exitViolated || !strings.Contains(transcript, "as recorded") {
		t.Error(transcript)
	}
	if transcript, code := command("explain", "found/wrong-1.yaml"); code != exitPass || !strings.Contains(transcript, "What was expected and is not so") {
		t.Error(transcript)
	}
	trace, err := os.ReadFile("found/wrong-1.jsonl")
	if err != nil || bytes.Count(trace, []byte("\n")) < 20 {
		t.Errorf("%v: a trace of %d bytes", err, len(trace))
	}
}

// A mistake that is found is shrunk and can be replayed, and stepped through.
func TestVectorZooRun(t *testing.T) {
	inLibrary(t)
	transcript, code := command("zoo", "run", "no-dedup", "skip-span", "--out", "found", "--shrink", "10s")
	if code != 0 || !strings.Contains(transcript, "nothing-twice") || !strings.Contains(transcript, "2 of 2 found") {
		t.Fatal(transcript)
	}
	transcript, code = command("zoo", "run", "two-reads", "keep-absorbed", "-j", "2", "--out", "found")
	if code != 0 || !strings.Contains(transcript, "plain seed") || !strings.Contains(transcript, "exact-answer") || !strings.Contains(transcript, "2 of 2 found") {
		t.Fatal(transcript)
	}
	transcript, code = command("replay", "found/no-dedup.yaml")
	for _, want := range []string{"FAIL no-dedup (expected is violated)", "violated  nothing-twice, at event", "as recorded", "\nreproduce: parallax replay found/no-dedup.yaml"} {
		if code != exitViolated || !strings.Contains(transcript, want) {
			t.Errorf("exit %d, no %q in\n%s", code, want, transcript)
		}
	}
	// Without its mistake the failure is gone.
	text, err := os.ReadFile("found/no-dedup.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("mended.yaml", []byte(strings.Replace(string(text), "defect: no-dedup\n", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	transcript, code = command("replay", "mended.yaml")
	if code != exitInvalid || !strings.Contains(transcript, "the failure is gone") || !strings.Contains(transcript, "recorded was") {
		t.Errorf("exit %d\n%s", code, transcript)
	}
	if transcript, code := command("diff", "mended.yaml", "found/no-dedup.yaml"); code != exitViolated || !strings.Contains(transcript, "\n+ ") {
		t.Errorf("exit %d\n%s", code, transcript)
	}
	if transcript, code := command("diff", "mended.yaml", "mended.yaml"); code != exitPass || !strings.Contains(transcript, "the same run") {
		t.Errorf("exit %d\n%s", code, transcript)
	}
}

// What every program knows at an instant, and from event to event.
func TestVectorReplayOnTheWay(t *testing.T) {
	inLibrary(t)
	transcript, code := command("replay", "two-stragglers.yaml", "--at", "16s")
	for _, want := range []string{"two-stragglers after 16s, event ", "leads rows/0 in term ", "view       stands at ", "{key: k, start: 0s, sum: 2}", "producer   in flight"} {
		if code != exitPass || !strings.Contains(transcript, want) {
			t.Errorf("exit %d, no %q in\n%s", code, want, transcript)
		}
	}
	if transcript, code := command("replay", "two-stragglers.yaml", "--at", "16s", "--json"); code != exitPass || !strings.Contains(transcript, `"schema":"parallax.state/v1"`) {
		t.Error(transcript)
	}
	s, err := scenarios.LoadScenario("worker-crash.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := stepThrough(s, strings.NewReader("\n3\nf\ns\nnonsense\nf\nf\nq\n"), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"event 1 ", "event 4 ", "crash     worker", "worker     is down", `"nonsense" is none of`, "the run is over"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// A second process that comes to other hashes is told, with exit code 4.
func TestVectorNondeterminism(t *testing.T) {
	inLibrary(t)
	t.Setenv("PARALLAX_TEST_PROGRAM", "1")
	f := &fuzzFlags{rows: 200, twice: 100}
	root := newRoot()
	root.SetErr(os.Stderr)
	s := scenarios.Drawn(2)
	out, err := scenarios.Play(s, scenarios.PlayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	differ, again, err := f.playedAgain(root, "", []fuzz.Hash{{Seed: 2, Hash: out.Hash}, {Seed: 3, Hash: 7}})
	if err != nil || again != 2 || len(differ) != 1 || differ[0] != 3 {
		t.Fatalf("%v of %d, %v", differ, again, err)
	}
	var stderr bytes.Buffer
	if code := report(&stderr, nondeterministic{"x"}); code != exitDiffers || stderr.String() != "nondeterministic: x\n" {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
}
