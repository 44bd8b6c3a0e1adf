package compare

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parallax/bench/frontier"
	"parallax/bench/measure"
	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
	"parallax/scenarios"
	"parallax/serving"
	"parallax/speed"
)

// load makes a job of its text and its data.
func load(t testing.TB, job, data string, sets ...string) *scenarios.Job {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"job.yaml": job, "rows.csv": data} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j, err := scenarios.Load(filepath.Join(dir, "job.yaml"), sets)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

const visitsJob = `parallax: job/v1
name: visits
source:
  file: rows.csv
  event_time: {field: happened, unit: ms}
  arrival_time: {field: received, unit: ms}
watermark: {bounded: 1s}
pipeline:
  - key_by: [page]
  - window: {tumble: 5s}
  - aggregate: {visits: count(), total_ms: sum(ms)}
`

const visitsRows = `user,page,happened,received,ms
ann,/home,1000,1010,12
bob,/home,2500,2520,7
ann,/cart,3000,3400,30
bob,/home,7000,7015,9
ann,/pay,2000,7300,99
cid,/home,9200,9210,4
ann,/home,12000,12020,5
bob,/cart,4100,12500,40
`

// TestTrial: what readers saw of a run adds up to what the oracle says, and what they
// missed to what the frontier says, for every kind of window, with and without faults.
func TestTrial(t *testing.T) {
	for _, sets := range [][]string{
		nil,
		{"late.allowed=6s"},
		{"pipeline.1.window={hop: 4s, every: 2s}"},
		{"pipeline.1.window={session: 2s}"},
		{"source.partition_by=[user]"},
		{"source.partition_by=[page]", "watermark.across=own"},
	} {
		job := load(t, visitsJob, visitsRows, sets...)
		in, err := newInput(job, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []Case{{}, {Delay: 3_000_000}, {Delay: 60_000_000}, {Faults: true, Seed: 3}} {
			c.Architecture = "kappa"
			trial, err := runKappa(in, c)
			if err != nil {
				t.Fatal(err)
			}
			want, err := in.answers(c.Delay)
			if err != nil {
				t.Fatal(err)
			}
			if trial.Answers != want {
				t.Errorf("%v, %s: %+v, the oracle has %+v", sets, c, trial.Answers, want)
			}
			if trial.misplaced != 0 && in.plan.Window.Kind != window.Session {
				t.Errorf("%v, %s: %d rows are where they should not be", sets, c, trial.misplaced)
			}
			point, err := frontier.Run(job, frontier.JobOptions{Delays: []int64{c.Delay}})
			if err != nil {
				t.Fatal(err)
			}
			p := point.Curves[0].Points[0]
			tally := trial.Histories.Count(trial.Extra)
			if tally.Over != 0 || tally.Pairs != p.Pairs || tally.Under != p.Dropped {
				t.Errorf("%v, %s: %+v, the frontier has %+v", sets, c, tally, p)
			}
			unseen := int64(0)
			for _, r := range trial.Rows {
				if r.Seen == measure.Never {
					unseen++
				} else if r.Seen < r.Arrival {
					t.Errorf("%v, %s: a row is seen before it arrives: %+v", sets, c, r)
				}
			}
			if unseen != p.RowsDropped {
				t.Errorf("%v, %s: %d rows are never seen, %d are dropped", sets, c, unseen, p.RowsDropped)
			}
			for _, ns := range trial.Histories.Overhead() {
				if ns < 0 {
					t.Errorf("%v, %s: an answer comes before it may: %v", sets, c, trial.Histories.Overhead())
				}
			}
		}
	}
}

// TestTrialLayers: of a Lambda system readers see in the end every row, whatever came
// late, and nothing more on the way.
func TestTrialLayers(t *testing.T) {
	for _, sets := range [][]string{
		nil,
		{"late.allowed=6s"},
		{"pipeline.1.window={hop: 4s, every: 2s}"},
		{"source.partition_by=[user]"},
	} {
		in, err := newInput(load(t, visitsJob, visitsRows, sets...), 0)
		if err != nil {
			t.Fatal(err)
		}
		want, err := in.answers(patience)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []Case{{Batch: 3e6, Seed: 1}, {Delay: 1e6, Batch: 3e6, Seed: 2}, {Delay: 1e6, Batch: 30e6, Faults: true, Seed: 2}} {
			c.Architecture = "lambda"
			trial, err := runLambda(in, c)
			if err != nil {
				t.Fatal(err)
			}
			if trial.Answers != want {
				t.Errorf("%v, %s: %+v, the oracle has %+v", sets, c, trial.Answers, want)
			}
			if trial.misplaced != 0 {
				t.Errorf("%v, %s: %d rows are where they should not be", sets, c, trial.misplaced)
			}
			if tally := trial.Histories.Count(trial.Extra); tally.Over != 0 || tally.Under != 0 || tally.Missing != 0 {
				t.Errorf("%v, %s: %+v", sets, c, tally)
			}
			for _, r := range trial.Rows {
				if r.Seen < r.Arrival || r.Seen == measure.Never {
					t.Errorf("%v, %s: a row is seen before it arrives, or never: %+v", sets, c, r)
				}
			}
		}
	}
}

// TestLayersMarkers: a reader who takes markers for rows believes that rows are in answers
// that are not, and is told so.
func TestLayersMarkers(t *testing.T) {
	in, err := newInput(load(t, visitsJob, visitsRows, "source.partition_by=[user]"), 0)
	if err != nil {
		t.Fatal(err)
	}
	trial, err := runLayers(in, Case{Delay: 1e6, Batch: 1e6, Seed: 1}, func(s *speed.Server) (of reach) {
		for _, cut := range s.Cut() {
			of.kept = append(of.kept, cut.Offset)
		}
		of.repaired = of.kept
		return of
	})
	if err != nil || trial.misplaced == 0 {
		t.Errorf("%v, %d rows are misplaced", err, trial.misplaced)
	}
}

// TestLayersLooking: that a reader looks now and then is no wait. Three hours are looked at
// every 18 s; windows are seen when they are complete, all the same.
func TestLayersLooking(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("user,page,happened,received,ms\n")
	for i := range 360 {
		fmt.Fprintf(&rows, "ann,/home,%d,%d,1\n", 30_000*i, 30_000*i+10)
	}
	in, err := newInput(load(t, visitsJob, rows.String(), "pipeline.1.window={tumble: 2m}"), 1)
	if err != nil {
		t.Fatal(err)
	}
	trial, err := runLambda(in, Case{Batch: 1800e6, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for w := range trial.Histories {
		trial.Histories[w].Due = in.due(int32(w), 0)
	}
	if d := measure.Distribute(trial.Histories.Overhead()); d.N < 80 || d.Max > 1e6 {
		t.Errorf("%d windows wait for %d µs at most, %d in the mean", d.N, d.Max, int64(d.Mean))
	}
}

// TestVectorSeen: a row that comes too late is in an answer from the batch on that repairs
// it, though an answer of before holds as many rows of its window.
func TestVectorSeen(t *testing.T) {
	in, err := newInput(load(t, visitsJob, visitsRows), 0)
	if err != nil {
		t.Fatal(err)
	}
	cart := slices.Index(in.truth.names, "/cart") // rows 2 and, dropped by a delay of 1 s, 7
	h := &in.truth.windows[cart]
	answer := func(rows int64) []finished {
		value := column.Value{Type: column.TypeOf(column.Int64), Int: rows}
		key := serving.AppendKey(nil, column.Value{Type: column.TypeOf(column.String), String: "/cart"})
		return []finished{{key: key, start: h.Start, end: h.End, values: []column.Value{value, value, value}}}
	}
	r := newReader(in, Case{Delay: 1e6, Batch: 1e6}, true)
	r.shownAt(20e6, reach{kept: []int64{8}, repaired: []int64{7}}, 0, answer(1))
	r.shownAt(30e6, reach{kept: []int64{8}, repaired: []int64{8}}, 0, answer(2))
	if one, two := r.trial.Rows[2].Seen, r.trial.Rows[7].Seen; one != 20e6 || two != 30e6 || r.trial.misplaced != 0 {
		t.Errorf("seen at %d and %d, %d misplaced", one, two, r.trial.misplaced)
	}
}

// TestVectorWithout: a job that two layers cannot answer as it wants is refused, and so are
// too many batches.
func TestVectorWithout(t *testing.T) {
	job := load(t, visitsJob, visitsRows, "pipeline.1.window={session: 2s}", "batch={every: 3s, late: complete}")
	o := Options{Architectures: []string{"lambda"}, Delays: []int64{0}, Seeds: 1, Faults: []bool{false}}
	if _, err := NewPlan(job, o); !errors.Is(err, ErrArchitecture) || !strings.Contains(err.Error(), "session windows") {
		t.Error(err)
	}
	o.Architectures = nil
	p, err := NewPlan(job, o)
	if err != nil || len(p.kinds) != 1 || len(p.Left) != 1 || !strings.Contains(p.Left[0], "session windows") {
		t.Errorf("not named, it is left out: %+v, %v", p, err)
	}
	if p, err = NewPlan(load(t, visitsJob, visitsRows), o); err != nil || len(p.kinds) != 2 || len(p.Left) != 0 {
		t.Errorf("not named, both are run: %+v, %v", p, err)
	}
	o.Batches = []int64{1000}
	if _, err := NewPlan(load(t, visitsJob, visitsRows), o); !errors.Is(err, ErrBatches) {
		t.Error(err)
	}
}
