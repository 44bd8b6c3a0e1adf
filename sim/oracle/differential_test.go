package oracle

import (
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawTrial draws a pipeline and a log. Rows are few, so that a failure can be
// read, but now and then enough for several of the operators' chunks.
func drawTrial(t *rapid.T) trial { return drawTrialOf(t, true) }

func drawTrialOf(t *rapid.T, sliding bool) trial {
	partitions := rapid.IntRange(1, 4).Draw(t, "partitions")
	p, src := drawPipeline(t, partitions, sliding)
	most := 40
	if rapid.IntRange(0, 30).Draw(t, "long") == 0 {
		most = 1500
	}
	return trial{
		pipeline: p, src: src,
		input: Input{Schema: sales, Partitions: partitions, Rows: drawRows(t, partitions, most, true)},
	}
}

func drawFeed(t *rapid.T) feed {
	flags := func(label string, odds int) []bool {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) bool {
			return rapid.IntRange(1, odds).Draw(t, label) == 1
		}), 1, 7).Draw(t, label+"s")
	}
	return feed{
		lengths:  rapid.SliceOfN(rapid.SampledFrom([]int{1, 2, 5, 40, 700}), 1, 5).Draw(t, "lengths"),
		drains:   flags("drain", 2),
		saves:    flags("save", 6),
		segments: flags("segment", 4),
		encoded:  rapid.IntRange(0, 3).Draw(t, "encoded") == 0,
	}
}

// eager tells whether any aggregate of a row that reaches the window cannot be
// computed: the operators compute the arguments of all rows that an aggregate's
// condition leaves, the oracle only of those that some window counts.
func eager(tr trial) bool {
	q, err := newQuery(tr.pipeline, tr.input.Schema)
	if err != nil {
		return false
	}
	f := newFrontiers(tr.pipeline, &tr.input)
	for i := range tr.input.Rows {
		if tr.input.Rows[i].Idle || f.ahead(&tr.input.Rows[i]) {
			continue
		}
		values, keep, err := q.before(tr.input.Rows[i].Values)
		if err != nil {
			return true
		}
		if !keep {
			continue
		}
		for _, c := range q.calls {
			if c.where != nil {
				counts, err := evaluate(c.where, c.schema, values)
				if err != nil {
					return true
				}
				if counts.Null || !counts.Bool {
					continue
				}
			}
			if _, err := c.members([]keptRow{{values: values}}); err != nil {
				return true
			}
		}
	}
	return false
}

// differ runs a trial both ways and returns what differs, "" if nothing does.
func differ(t fatal, r runner) string {
	want, err := expected(r.trial.pipeline, r.trial.input)
	if err != nil {
		t.Fatalf("%s\noracle: %v", r.trial.src, err)
	}
	if !want.Failed && eager(r.trial) {
		want = outcome{Failed: true}
	}
	r.t = t
	return cmp.Diff(want, r.run())
}

// TestDifferentialOperators is the engine's main test: for drawn pipelines over
// drawn logs, the operators and the oracle agree on the on-time and the final
// value of every (key, window), on every drop and on every counter; panes come
// when the watermark says, once; and saving, loading, batches and segments change
// nothing.
func TestDifferentialOperators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrial(t)
		if diff := differ(t, runner{trial: tr, feed: drawFeed(t)}); diff != "" {
			t.Fatalf("%s\n- oracle, + operators:\n%s", tr.src, diff)
		}
	})
}

// trials draws the same trial for the same seed, always.
var trials = rapid.Custom(func(t *rapid.T) runner { return runner{trial: drawTrial(t), feed: drawFeed(t)} })

// seeds is which trials to run: PARALLAX_SEEDS=A..B in a soak.
func seeds(t *testing.T) (from, to int) {
	if os.Getenv("PARALLAX_SOAK") == "" {
		return 1, 250
	}
	if _, err := fmt.Sscanf(os.Getenv("PARALLAX_SEEDS"), "%d..%d", &from, &to); err != nil {
		t.Fatalf("PARALLAX_SEEDS=%q: want A..B", os.Getenv("PARALLAX_SEEDS"))
	}
	return from, to
}

// TestDifferentialSeeds is TestDifferentialOperators over trials that do not
// depend on how the test is called.
func TestDifferentialSeeds(t *testing.T) {
	from, to := seeds(t)
	for seed := from; seed <= to; seed++ {
		r := trials.Example(seed)
		if report := caughtBy(r); report != "" {
			t.Fatalf("PARALLAX_SOAK=1 PARALLAX_SEEDS=%d..%d go test -run TestDifferentialSeeds ./sim/oracle\n%s\n- oracle, + operators:\n%s",
				seed, seed, r.trial.src, report)
		}
	}
}
