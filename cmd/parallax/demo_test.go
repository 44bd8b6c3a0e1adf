package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/bench"
)

func TestVectorDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "demo")
	var stdout, stderr bytes.Buffer
	if code := run([]string{"demo", "--dir", dir, "--rows", "800", "--seed", "4"}, &stdout, &stderr); code != exitPass {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	for _, want := range []string{"800 clicks", "kappa path = oracle path", filepath.Join(dir, "report.html")} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, &stdout)
		}
	}
	stdout.Reset()
	if code := run([]string{"demo", "--dir", dir, "--rows", "800", "--seed", "4", "--json"}, &stdout, &stderr); code != exitPass {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	var out bench.Outcome
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil || out.Format != "parallax.demo/v1" || !out.Agree || out.Counts.Rows != 800 {
		t.Errorf("error %v, %+v", err, out)
	}
	if code := run([]string{"results", filepath.Join(dir, "job.yaml")}, &stdout, &stderr); code != exitPass {
		t.Errorf("the folder's job: exit code %d: %s", code, &stderr)
	}
	if err := os.WriteFile(filepath.Join(dir, "job.yaml"), []byte("# mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code := run([]string{"demo", "--dir", dir}, &stdout, &stderr); code != exitInvalid {
		t.Errorf("an edited job: exit code %d, want %d", code, exitInvalid)
	}
}

// TestVectorViolated: a demo whose paths differ fails with its own exit code.
func TestVectorViolated(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := report(&stderr, show(&stdout, &bench.Outcome{Difference: "late.csv", Delays: make([]bench.Delay, 1)}, false, false)); code != exitViolated {
		t.Errorf("exit code %d, want %d", code, exitViolated)
	}
	if !strings.Contains(stderr.String(), "late.csv") {
		t.Errorf("stderr: %s", &stderr)
	}
}

// TestVectorAuction: a query of Nexmark instead of clicks.
func TestVectorAuction(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "auction")
	var stdout, stderr bytes.Buffer
	if code := run([]string{"demo", "--nexmark", "q5", "--dir", dir, "--rows", "2000"}, &stdout, &stderr); code != exitPass {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	for _, want := range []string{"1,840 bids of 2,000 events; Nexmark q5; nexmark/v1 seed=1", "kappa path = oracle path", "wait p50"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, &stdout)
		}
	}
	for _, name := range []string{"bids.csv", "job.yaml", "results.csv", "late.csv", "summary.json", "frontier.html"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if code := run([]string{"demo", "--nexmark", "q6"}, &stdout, &stderr); code == exitPass || !strings.Contains(stderr.String(), "there are [q5 q7 q11 q17]") {
		t.Errorf("no such query: exit code %d: %s", code, &stderr)
	}
}
