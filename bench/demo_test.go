package bench

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parallax/scenarios"
)

// demo makes a folder.
func demo(t *testing.T, seed uint64, rows int) *Outcome {
	t.Helper()
	out, err := Demo(Options{Dir: t.TempDir(), Seed: seed, Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, out *Outcome, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(out.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVectorReport: the report of a seed is the committed one, byte for byte.
// PARALLAX_UPDATE=1 writes it anew: look at what changed.
func TestVectorReport(t *testing.T) {
	out := demo(t, 3, 1500)
	got := read(t, out, "report.html")
	golden := filepath.Join("testdata", "report.html")
	if os.Getenv("PARALLAX_UPDATE") != "" {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the report of seed 3 with 1500 clicks is not %s; PARALLAX_UPDATE=1 go test ./bench shows the difference", golden)
	}
}

// TestLawSameSeed: all files of a folder are functions of seed and rows, and
// another seed makes others.
func TestLawSameSeed(t *testing.T) {
	a, b, c := demo(t, 5, 3000), demo(t, 5, 3000), demo(t, 6, 3000)
	for _, name := range []string{"clicks.csv", "job.yaml", "results.csv", "late.csv", "summary.json", "report.html"} {
		if !bytes.Equal(read(t, a, name), read(t, b, name)) {
			t.Errorf("%s differs between two runs of one seed", name)
		}
		if name != "job.yaml" && bytes.Equal(read(t, a, name), read(t, c, name)) {
			t.Errorf("%s is the same for two seeds", name)
		}
	}
}

// rerun runs a folder's job with overrides.
func rerun(t *testing.T, out *Outcome, path string, sets ...string) *scenarios.Results {
	t.Helper()
	job, err := scenarios.Load(filepath.Join(out.Dir, "job.yaml"), sets)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenarios.Run(job, scenarios.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOracleDelays: with the delay that the report names for a share of the
// clicks the job counts that share, with a millisecond less it does not; with the
// one for all it drops nothing, and a millisecond less drops something. The same
// for the first answers, and for each network.
func TestOracleDelays(t *testing.T) {
	out := demo(t, 1, 20_000)
	counts := func(ms int64) scenarios.Counts {
		return rerun(t, out, scenarios.Kappa, "watermark.bounded="+duration(ms)).Summary.Counts
	}
	for _, d := range out.Delays {
		enough := (out.Counts.Rows*d.PerMille + 999) / 1000
		if c := counts(d.Counted); c.Rows-c.PairsDropped < enough {
			t.Errorf("%s per mille: a delay of %s drops %d of %d", number(d.PerMille), duration(d.Counted), c.PairsDropped, c.Rows)
		}
		if c := counts(d.Counted - 1); c.Rows-c.PairsDropped >= enough {
			t.Errorf("%s per mille: a delay of %s would do", number(d.PerMille), duration(d.Counted-1))
		}
		if c := counts(d.OnTime); c.PairsOnTime < enough {
			t.Errorf("%s per mille: with a delay of %s %d of %d are on time", number(d.PerMille), duration(d.OnTime), c.PairsOnTime, c.Rows)
		}
		if c := counts(d.OnTime - 1); c.PairsOnTime >= enough {
			t.Errorf("%s per mille: with a delay of %s enough are on time", number(d.PerMille), duration(d.OnTime-1))
		}
	}
	all := out.all()
	for i, l := range append(out.Networks, all) {
		dropped := func(ms int64) int64 {
			s := rerun(t, out, scenarios.Oracle, "watermark.bounded="+duration(ms)).Summary
			if i == len(out.Networks) {
				return s.PairsDropped
			}
			for _, p := range s.Partitions {
				if p.Values[0] == l.Network {
					return p.PairsDropped
				}
			}
			return -1
		}
		if got := dropped(l.Wait); got != 0 {
			t.Errorf("%s: %d dropped with a delay of %s", l.Network, got, duration(l.Wait))
		}
		if l.Wait > 0 && dropped(l.Wait-1) == 0 {
			t.Errorf("%s: nothing dropped with a delay of %s either", l.Network, duration(l.Wait-1))
		}
	}
}

// TestDifferentialPairs: the report's own account of every pair is the engine's
// for other bounds and allowances, too, and a bound off by one is told apart.
func TestDifferentialPairs(t *testing.T) {
	out := demo(t, 2, 6000)
	clicks := makeClicks(2, 6000)
	for _, c := range []timing{{10_000, 0, 0}, {10_000, 1, 1}, {5_000, 3_000, 0}, {1_000, 700, 20_000}, {60_000, 10_000, 5_000}} {
		r := rerun(t, out, scenarios.Kappa, "watermark.bounded="+duration(c.bounded), "late.allowed="+duration(c.allowed),
			"pipeline.1.window.tumble="+duration(c.window))
		if err := agrees(count(judge(clicks, c)), r.Summary.Counts); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		c.bounded += 1000
		if err := agrees(count(judge(clicks, c)), r.Summary.Counts); !errors.Is(err, ErrCounts) {
			t.Errorf("%+v: a bound that is a second more gives the same counts", c)
		}
	}
}

// TestVectorSmall: a report can be made of hardly anything.
func TestVectorSmall(t *testing.T) {
	for _, rows := range []int{1, 2, 17, 300} {
		out := demo(t, 9, rows)
		if !out.Agree || out.Counts.Rows != int64(rows) {
			t.Errorf("%d rows: %+v", rows, out)
		}
	}
	for _, rows := range []int{-1, RowsMax + 1} {
		if _, err := Demo(Options{Dir: t.TempDir(), Rows: rows}); !errors.Is(err, ErrRows) {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

// TestVectorEdited: a job that someone edited is not overwritten.
func TestVectorEdited(t *testing.T) {
	out := demo(t, 1, 100)
	file := filepath.Join(out.Dir, "job.yaml")
	if err := os.WriteFile(file, []byte(jobFile+"# mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Demo(Options{Dir: out.Dir, Seed: 1, Rows: 100}); !errors.Is(err, ErrEdited) {
		t.Errorf("error %v, want ErrEdited", err)
	}
}

// TestVectorSelfContained: the report refers to nothing outside itself.
func TestVectorSelfContained(t *testing.T) {
	report := string(read(t, demo(t, 1, 2000), "report.html"))
	for _, bad := range []string{"http://", "https://", "<script", "<link", "<img", "url(//", "@import", "src="} {
		if strings.Contains(report, bad) {
			t.Errorf("the report has %q", bad)
		}
	}
	for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(report, -1) {
		if !strings.HasPrefix(m[1], "#") {
			t.Errorf("the report refers to %s", m[1])
		}
	}
	if n := strings.Count(report, "<svg class=\"plot\""); n != 2 {
		t.Errorf("%d plots, want 2", n)
	}
}

// TestVectorVerdict: answers that differ are not called right.
func TestVectorVerdict(t *testing.T) {
	out := demo(t, 1, 500)
	var b bytes.Buffer
	if err := out.Print(&b); err != nil || !strings.Contains(b.String(), "kappa path = oracle path: ") {
		t.Errorf("error %v, printed\n%s", err, &b)
	}
	out.Agree, out.Difference = false, "late.csv"
	b.Reset()
	if err := out.Print(&b); err != nil || !strings.Contains(b.String(), "DIFFER, first in late.csv") {
		t.Errorf("error %v, printed\n%s", err, &b)
	}
}
