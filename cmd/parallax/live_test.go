//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test's own executable be the program: a live run starts itself
// again for each of its processes.
func TestMain(m *testing.M) {
	if os.Getenv("PARALLAX_TEST_PROGRAM") != "" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// liveJob is 900 rows of three partitions that arrive over 30 s, some of them late.
func liveJob(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	var rows strings.Builder
	rows.WriteString("key,part,at,ms\n")
	for i := range 900 {
		fmt.Fprintf(&rows, "k%d,p%d,%d,%d\n", i*7%11, i%3, 1_000_000+int64(i)*100/3-int64(i*i%13)*100, i%17)
	}
	job := `parallax: job/v1
name: live
source:
  file: rows.csv
  event_time: {field: at, unit: ms}
  partition_by: [part]
watermark: {bounded: 1s}
pipeline:
  - key_by: [key]
  - window: {tumble: 1s}
  - aggregate: {rows: count(), ms: sum(ms)}
`
	for name, text := range map[string]string{"rows.csv": rows.String(), "job.yaml": job} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if transcript, code := command("results", "job.yaml", "-q", "-o", "want.csv"); code != 0 {
		t.Fatal(transcript)
	}
}

// program starts the program as a process of its own.
func program(t *testing.T, out *bytes.Buffer, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, args...)
	c.Env = append(os.Environ(), "PARALLAX_TEST_PROGRAM=1")
	c.Stdout, c.Stderr = out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

// processes are those that a live run has said to be its nodes.
func processes(dir string) map[string]int {
	found := map[string]int{}
	for _, name := range []string{
		"broker-0", "broker-1", "broker-2", "producer", "view", "worker", "archiver", "batch", "metronome", "server-0", "server-1", "store",
	} {
		var p place
		if readJSON(placeFile(dir, name), &p) == nil {
			found[name] = p.Process
		}
	}
	return found
}

// sameView compares what a live run has written with the answer of the job.
func sameView(t *testing.T, out string) {
	t.Helper()
	want, err := os.ReadFile("want.csv")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("view.csv")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !bytes.Equal(got, want) || !strings.Contains(out, "PASS live") {
		t.Fatalf("the view is not the answer\n%s", out)
	}
}

// waitGone waits until none of the processes is there any more.
func waitGone(t *testing.T, found map[string]int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		alive := []string{}
		for name, pid := range found {
			if syscall.Kill(pid, 0) == nil {
				alive = append(alive, name)
			}
		}
		if len(alive) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v outlive their parent", alive)
		}
	}
}

// TestOracleLiveKills: each process in turn is killed while rows come, again and
// again; the view ends exact, and no process outlives the run.
func TestOracleLiveKills(t *testing.T) {
	rounds, pace := 7, "10"
	if os.Getenv("PARALLAX_SOAK") != "" {
		rounds, pace = 50, "1"
	}
	liveJob(t)
	var out bytes.Buffer
	c := program(t, &out, "run", "job.yaml", "--live", "state", "--real-time", "--pace", pace, "--results", "view.csv", "--json")
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	names := []string{"broker-0", "worker", "broker-1", "view", "broker-2", "producer"}
	for round := 0; round < rounds; {
		select {
		case err := <-ended:
			t.Fatalf("ended after %d rounds: %v\n%s", round, err, out.String())
		case <-time.After(300 * time.Millisecond):
		}
		// A process that has not come back is killed in a later round.
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
	case <-time.After(60 * time.Second):
		t.Fatalf("does not end; %s", logs(t, "state"))
	}
	text := out.String()
	var o liveOutcome
	if err := json.Unmarshal([]byte(text[strings.Index(text, "{"):]), &o); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if o.Verdict != "pass" || o.Restarts < rounds {
		t.Fatalf("%+v", o)
	}
	sameView(t, text+"PASS live")
	waitGone(t, last)
	t.Logf("%d kills, %d restarts, %.1f s", rounds, o.Restarts, o.Seconds)
}

// logs is the end of what every process has said.
func logs(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	files, err := filepath.Glob(filepath.Join(dir, "logs", "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "== %s\n%s", file, data[max(0, len(data)-2000):])
	}
	return b.String()
}

// TestVectorLiveContinues: a run that is stopped, and one whose parent is killed, go
// on where they were; a folder serves one job, and one run at a time.
func TestVectorLiveContinues(t *testing.T) {
	liveJob(t)
	args := []string{"run", "job.yaml", "--live", "state", "--real-time", "--pace", "12", "--results", "view.csv"}
	wait := func() map[string]int {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if found := processes("state"); len(found) == 6 {
				return found
			}
			if time.Now().After(deadline) {
				t.Fatal("not all processes come up: " + logs(t, "state"))
			}
		}
	}
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGKILL} {
		if err := os.RemoveAll(filepath.Join("state", "run")); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		c := program(t, &out, args...)
		found := wait()
		if signal == os.Interrupt {
			if transcript, code := command(args...); code != 2 || !strings.Contains(transcript, "is in use") {
				t.Errorf("a second run in the folder:\n%s", transcript)
			}
		}
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		err := c.Wait()
		if signal == os.Interrupt && c.ProcessState.ExitCode() != exitInconclusive {
			t.Errorf("interrupted: %v\n%s", err, out.String())
		}
		waitGone(t, found)
	}
	if transcript, code := command("run", "job.yaml", "--live", "state", "--set", "watermark.bounded=2s"); code != 2 || !strings.Contains(transcript, "another run") {
		t.Errorf("another job in the folder:\n%s", transcript)
	}
	if transcript, code := command("run", "job.yaml", "--live", "state", "--pace", "5"); code != 2 || !strings.Contains(transcript, "cannot be changed") {
		t.Errorf("another pace in the folder:\n%s", transcript)
	}
	var out bytes.Buffer
	if err := program(t, &out, args...).Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	sameView(t, out.String())
}

// TestVectorLiveFails: a process that can never go on ends the run, with its reason; a
// source without rows starts none.
func TestVectorLiveFails(t *testing.T) {
	liveJob(t)
	if err := os.MkdirAll(filepath.Join("state", "nodes"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("state", "nodes", "view"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := program(t, &out, "run", "job.yaml", "--live", "state")
	if err := c.Wait(); c.ProcessState.ExitCode() != exitInternal || !strings.Contains(out.String(), "view cannot go on") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if text := logs(t, "state"); !strings.Contains(text, "not a directory") {
		t.Error(text)
	}
	if err := os.WriteFile("rows.csv", []byte("key,part,at,ms\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if transcript, code := command("run", "job.yaml", "--live", "empty", "--set", "source.columns={ms: int64}"); code != exitInconclusive {
		t.Error(transcript)
	}
}
