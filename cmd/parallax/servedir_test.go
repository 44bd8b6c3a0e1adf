package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/scenarios/dataset"
)

// lake is a front over the folder of the clicks, folded every two seconds.
func lake(t *testing.T, snapshot uint64, late string) *front {
	t.Helper()
	if _, err := os.Stat("lake"); err != nil {
		outputs(t, "archive", "clicks.yaml", "--out", "lake", "--batch", "every=2s,late="+late, "--code", "v7", "-q")
	}
	kept, err := openKept("lake", snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return newFront(kept.Plan, kept, 100, 4)
}

// TestDifferentialServeFolder: a folder answers as the layers do that have made it, and says
// that no log is behind its view.
func TestDifferentialServeFolder(t *testing.T) {
	whole := fronted(t, 100, 4)
	f := lake(t, 0, "same")
	for _, target := range []string{
		"/v1/scan", "/v1/point?key=ann", "/v1/point?key=ann&start=10000", "/v1/point?key=zoe", "/v1/range?from=0&to=5000&key=bob", "/v1/top?by=total_ms&k=2",
	} {
		want, got := asked(t, whole, target, http.StatusOK), asked(t, f, target, http.StatusOK)
		if said(got) != said(want) || got.Counted != want.Counted || got.Missing != want.Missing || got.Late != want.Late || got.Code != want.Code ||
			!got.Ended || got.View != want.View || len(got.Cut) != 1 || got.Cut[0] != want.BatchCut[0] {
			t.Errorf("%s: %s of %+v, want %s of %+v", target, said(got), got.reply, said(want), want.reply)
		}
		if got.Staleness != nil || want.Staleness == nil {
			t.Errorf("%s: staleness %v, and %v with a log", target, got.Staleness, want.Staleness)
		}
	}
}

// TestLawServeSnapshot: later snapshots have later cuts, nothing is shown that their
// watermark does not complete, and the last comes to what the view has.
func TestLawServeSnapshot(t *testing.T) {
	for _, late := range []string{"same", "complete"} {
		folder(t)
		last := ""
		f := lake(t, 0, late)
		head := said(asked(t, f, "/v1/scan", http.StatusOK))
		list := listed(t, "lake")
		before := int64(-1)
		for n := uint64(1); n <= list.Snapshot; n++ {
			a := asked(t, lake(t, n, late), "/v1/scan", http.StatusOK)
			last = said(a)
			if a.View != n || a.Cut[0].Offset <= before || a.Late != late || a.Code != "v7" {
				t.Errorf("snapshot %d says %+v behind %d", n, a.reply, before)
			}
			before = a.Cut[0].Offset
			if a.Ended {
				continue
			}
			for _, r := range a.Rows {
				if a.Watermark == nil || int64(r["window_end_ms"].(float64))*1000 > *a.Watermark {
					t.Errorf("snapshot %d shows %v by the watermark %v", n, r, a.Watermark)
				}
			}
		}
		if last != head || before < 6 {
			t.Errorf("late=%s: the last snapshot has %s at %d, the view %s", late, last, before, head)
		}
	}
}

// TestVectorServeFolderRefused: what is no folder to be served is refused by name, with the
// cure.
func TestVectorServeFolderRefused(t *testing.T) {
	folder(t)
	lake(t, 0, "same")
	refused := func(want string, args ...string) {
		t.Helper()
		transcript, code := command(append([]string{"serve"}, args...)...)
		if code != exitInvalid || !strings.Contains(transcript, want) {
			t.Errorf("%v: want exit 2 and %q:\n%s", args, want, transcript)
		}
	}
	if err := os.Mkdir("empty", 0o700); err != nil {
		t.Fatal(err)
	}
	refused("empty: not a whole archive: there is no journal of names in it; make it with parallax archive", "empty")
	refused("has no snapshot 99: they are 1 to", "lake", "--snapshot", "99")
	refused("--batch is for a job file", "lake", "--batch", "late=same")
	refused("--set is for a job file", "lake", "--set", "late.allowed=5s")
	refused("--snapshot is for a folder", "clicks.yaml", "--snapshot", "1")
	refused("no such file", "nowhere")
	outputs(t, "archive", "clicks.yaml", "--out", "sessions", "--set", "pipeline.1.window={session: 2s}", "-q")
	refused("leave --snapshot out", "sessions", "--snapshot", "1")

	damage := func(file string, change func([]byte) []byte, wants ...string) {
		t.Helper()
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, change(bytes.Clone(content)), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(filepath.Base(file)+": not a whole archive", "lake")
		for _, want := range wants {
			refused(want, "lake")
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	path := strings.Fields(outputs(t, "files", "lake", "--zone", "view"))[0]
	damage(path, flip, "its content is not what was written")
	recipe := filepath.Join("lake", "job.json")
	damage(recipe, func([]byte) []byte { return []byte("{") }, "not a recipe of a job")
	damage(recipe, func(b []byte) []byte { return bytes.Replace(b, []byte("recipe/v1"), []byte("recipe/v9"), 1) }, "its format is")
	damage(recipe, func(b []byte) []byte { return bytes.Replace(b, []byte(`"int64"`), []byte(`"int65"`), 1) }, "int65")
	damage(recipe, func(b []byte) []byte { return bytes.Replace(b, []byte("count()"), []byte("cont()"), 1) }, "cont")
	if err := os.Remove(recipe); err != nil {
		t.Fatal(err)
	}
	refused("job.json: not a whole archive: it is missing, and says which job the folder is of", "lake")
	if _, err := dataset.Open("lake"); err != nil {
		t.Errorf("its files can be listed all the same: %v", err)
	}
}
