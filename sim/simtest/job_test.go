package simtest_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/window"
	"parallax/sim/simtest"
)

// newest is the value of the row that was added last: it does not commute.
type newest struct{ spread }

func (s *newest) Add(args []column.Value) { s.seen, s.lo, s.hi = true, args[0].Int, args[0].Int }

func (s *newest) Merge(other aggregate.Accumulator) {
	if o := other.(*newest); o.seen {
		s.spread = o.spread
	}
}

func (s *newest) Finish() column.Value { return column.Value{Int: s.hi, Null: !s.seen} }

func newestOf() simtest.Function {
	return simtest.Function{
		Name: "newest", Args: []column.Type{integer}, Result: integer,
		New: func() aggregate.Accumulator { return &newest{} },
	}
}

// drawn makes sixty rows of two partitions, out of order by up to two seconds.
func drawn(seed uint64) []simtest.Row {
	d := rand.New(rand.NewPCG(seed, 1))
	rows := make([]simtest.Row, 60)
	for i := range rows {
		at := time.Duration(i) * 100 * time.Millisecond
		rows[i] = simtest.Row{
			At: at, Time: at - time.Duration(d.Int64N(int64(2*time.Second))), Partition: d.IntN(2),
			Values: map[string]any{"k": string(rune('a' + d.IntN(2))), "v": d.IntN(100)},
		}
	}
	return rows
}

func job(t testing.TB, call string, f simtest.Function) simtest.Job {
	return simtest.Job{
		Columns: "k string, v int64", Partitions: 2, Draw: drawn,
		Pipeline: simtest.Tumbling(t, "k", 3*time.Second, 2*time.Second, []string{"x = " + call}, f),
	}
}

// A job with a lawful function passes as a cluster; one that does not commute is found,
// with few rows, stored, and found again.
func TestLawJobs(t *testing.T) {
	dir := t.TempDir()
	right := record(t, "TestJob")
	simtest.Check(right, job(t, "spread(v)", spreads("")), simtest.Options{Seeds: 3, Dir: dir})
	right.passes(t)

	wrong := record(t, "TestJob")
	simtest.Check(wrong, job(t, "newest(v)", newestOf()), simtest.Options{Seeds: 3, Shrink: 300, Dir: dir})
	wrong.says(t, "TestJob is broken: answer-exact", "faults needed: none", "rows needed: 2\n", "event time", "stored:")
	t.Log(wrong.text())

	files, err := filepath.Glob(filepath.Join(dir, "TestJob", "*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if text, err := os.ReadFile(files[0]); err != nil || len(text) > 3000 {
		t.Errorf("%v, %d bytes:\n%s", err, len(text), text)
	}
	again := record(t, "TestJob")
	simtest.Check(again, job(t, "newest(v)", newestOf()), simtest.Options{Seeds: 3, Dir: dir})
	again.says(t, "answer-exact", "fails again")
	// A file has the rows: it does not matter what would be drawn now.
	redrawn := job(t, "newest(v)", newestOf())
	redrawn.Draw = func(seed uint64) []simtest.Row { return drawn(seed + 1000)[:1] }
	later := record(t, "TestJob")
	simtest.Check(later, redrawn, simtest.Options{Seeds: 1, Dir: dir})
	later.says(t, "answer-exact", "fails again")
	other := job(t, "spread(v)", spreads(""))
	other.Columns = "k string, v int64, w bool"
	stale := record(t, "TestJob")
	simtest.Check(stale, other, simtest.Options{Seeds: 1, Dir: dir})
	stale.passes(t)
	if len(stale.logs) != 2 {
		t.Error(stale.text())
	}
}

// What commutes is the same in every interleaving, revised or not, tumbling or in
// sessions; what does not is found, with two rows.
func TestLawInterleavings(t *testing.T) {
	t.Setenv("PARALLAX_SEEDS", "1..25")
	lawful := job(t, "spread(v)", spreads(""))
	simtest.Interleavings(t, lawful)
	lawful.Pipeline.Late.Allowed = 10_000_000
	simtest.Interleavings(t, lawful)
	w := window.Sessions(400_000, window.Overlapping)
	lawful.Pipeline.Steps[1].Window = &w
	simtest.Interleavings(t, lawful)

	r := record(t, "TestNewest")
	simtest.Interleavings(r, job(t, "newest(v)", newestOf()))
	r.says(t, "the operators do not give the answer from scratch", "rows needed: 2 of 60", "from scratch: ", "PARALLAX_SEED=")
	t.Log(r.text())

	other := job(t, "spread(v)", spreads(""))
	other.Pipeline.Late.Rule = flow.Operator
	r = record(t, "TestOperator")
	simtest.Interleavings(r, other)
	r.says(t, "by the rule operator results depend on how partitions interleave")
	other = job(t, "spread(v)", spreads(""))
	other.Pipeline.Steps[2].Trigger = new(trigger.Spec)
	r = record(t, "TestTrigger")
	simtest.Interleavings(r, other)
	r.says(t, "rigger")
}
