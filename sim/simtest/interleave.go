package simtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/sim/oracle"
	"parallax/sim/shrink"
	"parallax/sim/story"
)

// Interleavings holds a job's pipeline, without a cluster, against the ways in which its
// rows may reach the operators: partitions interleave, rows are cut into batches, the
// operator is saved and loaded in the middle. By the rule "log" neither the on-time nor
// the final value of any key and window may depend on it, and both must be the answer
// from scratch. It is much faster than Check, and finds what is wrong with a function of
// one's own in the engine's hands. The seeds are those of Check, 100 unless the
// environment says which.
func Interleavings(t testing.TB, job Job) {
	t.Helper()
	err := job.readable()
	if err == nil && job.Pipeline.Late.Rule != flow.Log {
		err = fmt.Errorf("by the rule %s results depend on how partitions interleave", job.Pipeline.Late.Rule)
	}
	if err == nil && slices.ContainsFunc(job.Pipeline.Steps, func(s flow.Step) bool { return s.Trigger != nil }) {
		err = errors.New("what a trigger shows depends on how partitions interleave: leave it out, the windows are the same")
	}
	from, to, _, envErr := seeds(100)
	if err == nil {
		err = envErr
	}
	if err != nil {
		t.Errorf("simtest: %v", err)
		return
	}
	schema, _ := job.schema() // readable has read it
	for seed := from; ; seed++ {
		rows, err := job.rowsOf(seed, schema)
		if err != nil {
			t.Errorf("simtest: seed %d: %v", seed, err)
			return
		}
		if how := job.disagrees(rows, schema, seed); how != "" {
			job.reportInterleaving(t, rows, schema, seed)
			return
		}
		if seed == to {
			return
		}
	}
}

// reportInterleaving finds few rows with which the answers still differ, and tells.
func (j *Job) reportInterleaving(t testing.TB, rows []story.Row, schema column.Schema, seed uint64) {
	t.Helper()
	n := len(rows)
	kept := shrink.List(n, &shrink.Budget{RunsMax: 2000}, func(pieces []int) bool {
		return j.disagrees(chosen(rows, pieces), schema, seed) != ""
	})
	rows = chosen(rows, kept)
	run := jobRun{story: story.Story{Rows: rows, Schema: schema}}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the operators do not give the answer from scratch\n  rows needed: %d of %d\n", t.Name(), len(rows), n)
	for i := range rows {
		fmt.Fprintf(&b, "    %s\n", run.row(i))
	}
	for line := range strings.Lines(j.disagrees(rows, schema, seed)) {
		b.WriteString("  " + line)
	}
	fmt.Fprintf(&b, "\n  reproduce: %s", reproduce(t.Name(), seed))
	t.Error(b.String())
}

// answers are the values of keys and windows, as texts.
type answers map[string]string

// disagrees says how the operators' answer differs from the one from scratch in some
// interleaving of a seed; "" if it does not.
func (j *Job) disagrees(rows []story.Row, schema column.Schema, seed uint64) string {
	in := oracle.Input{Schema: schema, Partitions: j.partitions()}
	byPart := make([][]story.Row, j.partitions())
	for i := range rows {
		r := &rows[i]
		in.Rows = append(in.Rows, oracle.Row{
			Partition: r.Partition, Offset: int64(len(byPart[r.Partition])), Time: r.Time, Append: r.At, Values: r.Values,
		})
		byPart[r.Partition] = append(byPart[r.Partition], *r)
	}
	truth, err := oracle.Answer(j.Pipeline, in)
	if err != nil {
		return err.Error()
	}
	want := answers{}
	for _, w := range truth.Windows {
		for kind, list := range map[string][]column.Value{"on-time": w.OnTime, "final": w.Final} {
			if list != nil {
				want[place(kind, w.Key, w.Start, w.End)] = values(list)
			}
		}
	}
	for try := range uint64(tries / 2) {
		f := feeder{job: j, schema: schema, left: slices.Clone(byPart), rng: rand.New(rand.NewPCG(seed, try)), got: answers{}}
		if err := f.run(); err != nil {
			return err.Error()
		}
		if d := want.differ(f.got); d != "" {
			return d
		}
	}
	return ""
}

// differ tells the first place at which two answers differ.
func (want answers) differ(got answers) string {
	var places []string
	for at := range want {
		places = append(places, at)
	}
	for at := range got {
		places = append(places, at)
	}
	slices.Sort(places)
	for _, at := range places {
		w, ok := want[at]
		g, has := got[at]
		if w != g || ok != has {
			return fmt.Sprintf("%s\nfrom scratch: %s\noperators:    %s", at, orNothing(w), orNothing(g))
		}
	}
	return ""
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// place names a key and window.
func place(kind string, key []column.Value, start, end int64) string {
	return fmt.Sprintf("%s value of key (%s), window %v to %v", kind, values(key), micros(start), micros(end))
}

// feeder feeds a path in one of the ways in which rows may come.
type feeder struct {
	job    *Job
	schema column.Schema
	left   [][]story.Row // by partition
	rng    *rand.Rand
	path   *operator.Path
	plan   *flow.Plan
	given  []int64 // rows, by partition
	got    answers
}

func (f *feeder) run() error {
	f.given = make([]int64, len(f.left))
	if err := f.open(nil); err != nil {
		return err
	}
	for {
		var some []int
		for p, rows := range f.left {
			if len(rows) > 0 {
				some = append(some, p)
			}
		}
		if len(some) == 0 {
			f.path.Close()
			return f.drain()
		}
		if err := f.feed(some[f.rng.IntN(len(some))]); err != nil {
			return err
		}
		if f.rng.IntN(8) == 0 {
			if err := f.open(f.path.AppendTo(nil)); err != nil {
				return err
			}
		}
	}
}

// open makes a new path, of a saved state unless that is nil.
func (f *feeder) open(saved []byte) (err error) {
	if f.plan, err = f.job.plan(); err != nil {
		return err
	}
	f.path = operator.NewPath(f.plan, f.job.partitions())
	if saved != nil {
		_, err = f.path.Load(saved)
	}
	return err
}

// feed gives the path the next rows of a partition, as one batch.
func (f *feeder) feed(p int) error {
	n := 1 + f.rng.IntN(min(5, len(f.left[p])))
	b := &column.Batch{
		Schema: f.schema, Partition: int32(p), Offset: f.given[p], Rows: n, Columns: make([]column.Column, len(f.schema)),
	}
	for i := range f.schema {
		b.Columns[i].Reset(f.schema[i].Type, new(column.Dict))
	}
	for _, r := range f.left[p][:n] {
		b.Times, b.Appends = append(b.Times, r.Time), append(b.Appends, r.At)
		for i := range f.schema {
			b.Columns[i].Append(r.Values[i])
		}
	}
	f.left[p], f.given[p] = f.left[p][n:], f.given[p]+int64(n)
	if err := f.path.Process(b); err != nil {
		return err
	}
	return f.drain()
}

// drain takes in what panes say.
func (f *feeder) drain() error {
	var pane operator.Pane
	stage := f.plan.Last()
	for f.path.Next(&pane) {
		for i, k := range pane.Keys {
			key := make([]column.Value, len(stage.Keys))
			for c := range key {
				key[c] = f.path.Keyer().Value(k, c)
			}
			start, end := pane.Window(i)
			final := place("final", key, start, end)
			if pane.Kind == operator.Retraction {
				delete(f.got, final)
				continue
			}
			list := make([]column.Value, len(stage.Aggregates))
			for a := range list {
				list[a] = pane.Table.Finish(pane.Groups[i], a)
			}
			f.got[final] = values(list)
			if pane.Kind == operator.OnTime {
				f.got[place("on-time", key, start, end)] = values(list)
			}
		}
	}
	return f.path.Err()
}
