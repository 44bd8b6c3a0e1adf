//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLawServeLive: beside a live run, answers move on while rows come and while servers
// are killed, and never back; when it is over, the folder answers with all rows.
func TestLawServeLive(t *testing.T) {
	liveJob(t)
	var out bytes.Buffer
	c := program(t, &out, "run", "job.yaml", "--arch", "lambda", "--live", "state", "--real-time", "--pace", "8", "--batch", "every=4s,late=same", "--results", "view.csv")
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for deadline := time.Now().Add(30 * time.Second); len(processes("state")) < 9 || !goesOn("state"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not all processes come up: " + logs(t, "state"))
		}
	}
	plan, desk, err := openDesk(t.Context(), "state")
	if err != nil {
		t.Fatal(err)
	}
	defer desk.close()
	if transcript, code := command("serve", "state", "--addr", "127.0.0.1:0"); code != exitInvalid || !strings.Contains(transcript, "served already") {
		t.Errorf("a second one:\n%s", transcript)
	}
	f := newFront(plan, desk, 100, 4)
	var last answered
	moves, staleness := 0, map[int64]bool{}
	for killed := false; ; {
		w := askFront(f, "/v1/scan?limit=1")
		if w.Code != http.StatusOK {
			break
		}
		var a answered
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		for p := range last.Cut {
			if a.View < last.View || a.Cut[p].Offset < last.Cut[p].Offset || last.Watermark != nil && a.Watermark != nil && *a.Watermark < *last.Watermark {
				t.Fatalf("%+v behind %+v", a.reply, last.reply)
			}
			if a.Cut[p].Offset > last.Cut[p].Offset {
				moves++
			}
		}
		if a.Staleness != nil {
			staleness[*a.Staleness] = true
		}
		if last = a; moves > 3 && !killed {
			killed = syscall.Kill(processes("state")["server-0"], syscall.SIGKILL) == nil && syscall.Kill(processes("state")["server-1"], syscall.SIGKILL) == nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if moves < 10 || len(staleness) < 10 || last.View < 2 {
		t.Errorf("%d moves, %d stalenesses, view %d in the end", moves, len(staleness), last.View)
	}
	sameView(t, out.String())
	leftBehind(t)
}

// leftBehind looks at what a run has left: the same rows, and files that belong together.
func leftBehind(t *testing.T) {
	t.Helper()
	if goesOn("state") {
		t.Fatal("the run is over and answers calls")
	}
	kept, err := openKept("state", 0)
	if err != nil {
		t.Fatal(err)
	}
	a := asked(t, newFront(kept.Plan, kept, 4096, 4), "/v1/scan", http.StatusOK)
	want, err := os.ReadFile("want.csv")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(want, []byte("\n")) - 1; len(a.Rows) != n || !a.Ended || a.Staleness != nil {
		t.Errorf("%d rows are left of %d: %+v", len(a.Rows), n, a.reply)
	}
	if list := listed(t, "state", "--check"); list.Rows != 900 || !strings.HasPrefix(list.Files[0].Path, filepath.Join("state", "nodes", "store")) {
		t.Errorf("the raw zone that is left: %+v", list)
	}
}
