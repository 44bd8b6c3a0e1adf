package compare

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"parallax/bench/frontier"
	"parallax/bench/measure"
)

// TestTrialReplayed: where answers do not add up, a Lambda system ends with exactly what
// Kappa ends with, and the oracle, and shows nothing more on the way.
func TestTrialReplayed(t *testing.T) {
	for _, sets := range [][]string{
		nil,
		{"late.allowed=6s"},
		{"source.partition_by=[user]"},
		{"source.partition_by=[page]", "watermark.across=own"},
	} {
		job := load(t, visitsJob, visitsRows, append([]string{"pipeline.1.window={session: 2s}"}, sets...)...)
		in, err := newInput(job, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []Case{{Batch: 3e6, Seed: 1}, {Delay: 1e6, Batch: 3e6, Seed: 2}, {Delay: 1e6, Batch: 30e6, Faults: true, Seed: 2}} {
			want, err := in.answers(c.Delay)
			if err != nil {
				t.Fatal(err)
			}
			point, err := frontier.Run(job, frontier.JobOptions{Delays: []int64{c.Delay}})
			if err != nil {
				t.Fatal(err)
			}
			for name, run := range map[string]func(*Input, Case) (*Trial, error){"kappa": runKappa, "lambda": runLambda} {
				c.Architecture = name
				trial, err := run(in, c)
				if err != nil {
					t.Fatal(err)
				}
				if trial.Answers != want {
					t.Errorf("%v, %s: %+v, the oracle has %+v", sets, c, trial.Answers, want)
				}
				if tally := trial.Histories.Count(trial.Extra); tally.Over != 0 || tally.Under != point.Curves[0].Points[0].Dropped {
					t.Errorf("%v, %s: %+v, the frontier has %+v", sets, c, tally, point.Curves[0].Points[0])
				}
				for w := range trial.Histories {
					h := &trial.Histories[w]
					h.Due = in.due(int32(w), c.Delay)
					for _, i := range in.perWindow[w] {
						if never := trial.Rows[i].Seen == measure.Never; never != in.dropped(&in.rows[i], h.Window, c.Delay) {
							t.Errorf("%v, %s: row %d is never seen: %v", sets, c, i, never)
						}
					}
				}
				if d := measure.Distribute(trial.Histories.Overhead()); d.N > 0 && d.Least < 0 {
					t.Errorf("%v, %s: an answer comes %d µs before it may", sets, c, -d.Least)
				}
			}
		}
	}
}

// TestReplayedLooking: a part of a session that fires by itself, because what would hold the
// session together is dropped, is seen when it fires, though all is looked at every 18 s.
func TestReplayedLooking(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("user,page,happened,received,ms\n")
	for at := 0; at < 10_800_000; at += 5000 { // /cart is one session, and raises the watermark
		fmt.Fprintf(&rows, "bob,/cart,%d,%d,1\n", at, at+10)
		switch at % 120_000 {
		case 0, 60_000:
			fmt.Fprintf(&rows, "ann,/home,%d,%d,1\n", at, at+20)
		case 115_000:
			fmt.Fprintf(&rows, "ann,/home,%d,%d,1\n", at-85_000, at+30)
		}
	}
	in, err := newInput(load(t, visitsJob, rows.String(), "pipeline.1.window={session: 40s}"), 1)
	if err != nil {
		t.Fatal(err)
	}
	trial, err := runLambda(in, Case{Batch: 1800e6, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	parts := 0
	for w := range trial.Histories {
		h := &trial.Histories[w]
		if h.Due = in.due(int32(w), 0); h.Due < h.End {
			parts++
		}
	}
	if d := measure.Distribute(trial.Histories.Overhead()); d.N < 80 || parts < 80 || d.Least < 0 || d.Max > 1e6 {
		t.Errorf("%d windows, %d of them in parts, wait for %d to %d µs, %d in the mean", d.N, parts, d.Least, d.Max, int64(d.Mean))
	}
}

// TestVectorReplayed: both architectures are compared, and it is said what a Lambda system
// then does not do, and what is not measured of it.
func TestVectorReplayed(t *testing.T) {
	p, err := NewPlan(load(t, visitsJob, visitsRows, "pipeline.1.window={session: 2s}"), Options{Seeds: 1, Batches: []int64{3e6, 6e6}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Run()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Predictions() {
		if c.Outcome == failed {
			t.Errorf("%s: %s", c.Text, c.Why)
		}
	}
	if !r.Sound() || len(p.Left) != 0 {
		t.Errorf("%s, left out: %v", r.verdict(), p.Left)
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		if got := math.IsNaN(r.mean(l, "held_bytes_mean")); got != (l.Architecture == "lambda") {
			t.Errorf("%s: what it holds is not measured: %v", l, got)
		}
	}
	var text, page bytes.Buffer
	if err := r.WriteText(&text, nil); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteHTML(&page, "parallax compare job.yaml", nil, Built{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3s,late=same", "session windows together", "is not measured"} {
		if !strings.Contains(text.String(), want) || !strings.Contains(page.String(), want) {
			t.Errorf("not told: %q", want)
		}
	}
}
