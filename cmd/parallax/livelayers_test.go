//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestOracleLiveLayersKills: each process of a Lambda system is killed while rows come; no
// answer goes back, both servers end with the job's answer, late rows repaired, and no
// process outlives the run.
func TestOracleLiveLayersKills(t *testing.T) {
	rounds, pace := 8, "6"
	if os.Getenv("PARALLAX_SOAK") != "" {
		rounds, pace = 50, "1"
	}
	liveJob(t)
	late := []string{"--set", "watermark.bounded=0s"}
	if transcript, code := command(append([]string{"results", "job.yaml", "-q", "-o", "want.csv", "--set", "late={allowed: 1000h}"}, late...)...); code != 0 {
		t.Fatal(transcript)
	}
	var out bytes.Buffer
	c := program(t, &out, append([]string{
		"run", "job.yaml", "--arch", "lambda", "--live", "state", "--real-time", "--pace", pace, "--batch", "every=6s", "--results", "view.csv", "--json",
	}, late...)...)
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	names := []string{"server-0", "archiver", "batch", "store", "server-1", "broker-1", "metronome", "producer"}
	for round := 0; round < rounds; {
		select {
		case err := <-ended:
			t.Fatalf("ended after %d rounds: %v\n%s", round, err, out.String())
		case <-time.After(300 * time.Millisecond):
		}
		if pid, ok := processes("state")[names[round%len(names)]]; ok && syscall.Kill(pid, syscall.SIGKILL) == nil {
			round++
		}
	}
	last := processes("state")
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
	case <-time.After(90 * time.Second):
		t.Fatalf("does not end; %s", logs(t, "state"))
	}
	text := out.String()
	var o liveOutcome
	if err := json.Unmarshal([]byte(text[strings.Index(text, "{"):]), &o); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if o.Verdict != "pass" || o.Arch != archLambda || o.Restarts < rounds || o.Late != "complete" || o.View == 0 || o.Moved < 3 {
		t.Fatalf("%+v", o)
	}
	sameView(t, text+"PASS live")
	waitGone(t, last)
	t.Logf("%d kills, %d restarts, %d answers, view %d, %.1f s", rounds, o.Restarts, o.Moved, o.View, o.Seconds)
}

// TestDifferentialLiveArchs: both architectures as processes end with the rows of the
// simulated Lambda system, and a folder is one architecture's.
func TestDifferentialLiveArchs(t *testing.T) {
	liveJob(t)
	if transcript, code := command("run", "job.yaml", "--arch", "lambda", "--batch", "late=same", "--faults", "none", "--results", "want.csv", "-q"); code != 0 {
		t.Fatal(transcript)
	}
	var out bytes.Buffer
	if err := program(t, &out, "run", "job.yaml", "--arch", "both", "--batch", "late=same", "--live", "state", "--results", "view.csv").Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	sameView(t, out.String())
	if n := strings.Count(out.String(), "PASS live"); n != 2 {
		t.Errorf("%d of 2 architectures\n%s", n, out.String())
	}
	for want, args := range map[string][]string{
		"was started with --arch lambda":  {"--arch", "kappa"},
		"with --batch late=same":          {"--arch", "lambda", "--batch", "late=complete"},
		"was started with --brokers 3":    {"--arch", "lambda", "--batch", "late=same", "--brokers", "1"},
		"answers that add up":             {"--arch", "lambda", "--live", "other", "--batch", "late=complete", "--set", "pipeline.1.window={session: 2s}"},
		"every=20s at least":              {"--arch", "lambda", "--live", "other", "--real-time", "--pace", "100", "--batch", "every=1s"},
		"--log and --metrics are for":     {"--arch", "lambda", "--log", "log.jsonl"},
		"--batch goes with --arch lambda": {"--batch", "late=same"},
	} {
		args := append([]string{"run", "job.yaml", "--live", filepath.Join("state", "lambda")}, args...)
		if transcript, code := command(args...); code != exitInvalid || !strings.Contains(transcript, want) {
			t.Errorf("%v: exit %d, want 2 and %q:\n%s", args, code, want, transcript)
		}
	}
}
