package profile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/scenarios"
)

// rows are two partitions whose times are late, negative, and a gap apart.
const rows = `user,happened,received
ann,1000,1000
bob,2000,2005
ann,6000,6010
bob,11000,11005
ann,-3000,11006
bob,7000,11010
ann,16000,16001
ann,2500,16500
`

// loader loads a job over rows, with a window.
func loader(t testing.TB, w string) func(sets []string) (*scenarios.Job, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"rows.csv": rows,
		"job.yaml": `parallax: job/v1
name: clicks
source:
  file: rows.csv
  event_time: {field: happened, unit: ms}
  arrival_time: {field: received, unit: ms}
  partition_by: [user]
watermark: {bounded: 1s}
pipeline:
  - key_by: [user]
  - window: ` + w + `
  - aggregate: {clicks: count()}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(sets []string) (*scenarios.Job, error) {
		return scenarios.Load(filepath.Join(dir, "job.yaml"), sets)
	}
}

// TestVectorCompare: where engines disagree, with both answers, and why.
func TestVectorCompare(t *testing.T) {
	for _, c := range []struct {
		window   string
		sets     []string
		profiles string
		want     string
	}{
		{"{session: 5s}", []string{"watermark.bounded=20s"}, "flink,beam", `
bob 2000 7000: - | clicks=1: pipeline.1.window.merge: touching or overlapping
bob 2000 16000: clicks=3 | -: pipeline.1.window.merge: touching or overlapping
bob 7000 16000: - | clicks=2: pipeline.1.window.merge: touching or overlapping
`},
		{"{session: 5s}", []string{"pipeline.1.window.merge=touching"}, "flink,beam", "\n"},
		{"{hop: 10s, every: 5s}", nil, "flink,beam", "\n"},
		{"{hop: 10s, every: 5s}", nil, "flink,kafka-streams", `
ann -5000 5000: clicks=1 | -: pipeline.1.window.clamp: false or true
bob -5000 5000: clicks=1 | -: pipeline.1.window.clamp: false or true
bob 0 10000: clicks=2 | clicks=1: late.rule: operator or log
`},
		{"{tumble: 5s}", []string{"watermark.batch={rows: 1}"}, "flink,spark", `
bob 5000 10000: clicks=1 | -: watermark.across: min or max
`},
		{"{tumble: 5s}", []string{"watermark.batch={rows: 4}"}, "kafka-streams,spark", `
ann -5000 0: - | clicks=1: late.rule: log or operator, with others watermark.move: row or batch, with others pipeline.1.window.clamp: true or false, with others
ann 0 5000: clicks=1 | clicks=2: late.rule: log or operator, with others watermark.move: row or batch, with others
bob 5000 10000: - | clicks=1: late.rule: log or operator
`},
		{"{tumble: 5s}", nil, "spark,beam", `
ann -5000 0: clicks=1 | -: watermark.move: batch or row
ann 0 5000: clicks=2 | clicks=1: watermark.move: batch or row
`},
		{"{hop: 10s, every: 5s}", []string{"late.rule=log", "pipeline.1.window.clamp=false"}, "flink,kafka-streams", "\n"},
	} {
		load := loader(t, c.window)
		with := func(sets []string) (*scenarios.Job, error) { return load(append(slices.Clone(c.sets), sets...)) }
		for _, path := range []string{scenarios.Kappa, scenarios.Oracle} {
			got, err := Compare(with, strings.Split(c.profiles, ","), scenarios.Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			b := strings.Builder{}
			b.WriteString("\n")
			for _, r := range got.Rows {
				fmt.Fprintf(&b, "%s: %s | %s:", strings.Join(texts(r.ID), " "), got.cell(r.Values[0]), got.cell(r.Values[1]))
				for _, why := range r.Why {
					fmt.Fprintf(&b, " %v", why)
				}
				b.WriteString("\n")
			}
			if b.String() != c.want {
				t.Errorf("%s %v %s by %s: got%swant%s", c.window, c.sets, c.profiles, path, b.String(), c.want)
			}
		}
	}
}

// TestLawReasons: a reason that is one alone turns the first profile's row into the
// other's; and every difference has a reason.
func TestLawReasons(t *testing.T) {
	reasons := 0
	for _, w := range []string{"{session: 5s}", "{session: 4s}", "{hop: 10s, every: 5s}", "{tumble: 3s}", "{hop: 7s, every: 2s}"} {
		for _, bound := range []string{"0s", "1s", "4s", "20s"} {
			load := loader(t, w)
			with := func(sets []string) (*scenarios.Job, error) {
				return load(append([]string{"watermark.bounded=" + bound}, sets...))
			}
			for _, names := range [][]string{{"flink", "beam"}, {"beam", "kafka-streams"}, {"kafka-streams", "flink"}} {
				c, err := Compare(with, names, scenarios.Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range c.Rows {
					if len(r.Why) == 0 {
						t.Fatalf("%s, %s, %v: no reason for %v", w, bound, names, texts(r.ID))
					}
					for _, why := range r.Why {
						if !why.Alone {
							continue
						}
						reasons++
						sets := slices.Clone(c.Answers[0].Options)
						sets[slices.Index(sets, why.Option+"="+why.From)] = why.Option + "=" + why.To
						one := comparing{load: with, answers: map[string]*table{}}
						mixed, err := one.answer(sets)
						if err != nil {
							t.Fatal(err)
						}
						got := ""
						if e := mixed.rows[identity(r.ID)]; e != nil {
							got = c.cell(e.values)
						} else {
							got = c.cell(nil)
						}
						if want := c.cell(r.Values[1]); got != want {
							t.Errorf("%s, %s, %v: with %v the row %v is %s, want %s", w, bound, names, why, texts(r.ID), got, want)
						}
					}
				}
			}
		}
	}
	if reasons < 20 {
		t.Errorf("only %d reasons", reasons)
	}
}

// TestVectorCompareMistakes: what cannot be compared is refused.
func TestVectorCompareMistakes(t *testing.T) {
	load := loader(t, "{tumble: 5s}")
	for _, names := range [][]string{{"flink"}, {"flink", "samza"}, {"beam", "beam"}, nil} {
		if _, err := Compare(load, names, scenarios.Options{}); !errors.Is(err, ErrProfile) {
			t.Errorf("%v: %v", names, err)
		}
	}
	if len(Names()) != len(flow.Profiles()) {
		t.Error(Names())
	}
}

// TestVectorWrite: agreement, said both ways.
func TestVectorWrite(t *testing.T) {
	c, err := Compare(loader(t, "{tumble: 5s}"), []string{"beam", "flink"}, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text, lines bytes.Buffer
	if err := c.Write(&text); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteJSON(&lines); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(text.String(), "\nthey agree on every row\n") || strings.Count(lines.String(), "\n") != 2 {
		t.Errorf("got\n%s\n%s", text.String(), lines.String())
	}
}
