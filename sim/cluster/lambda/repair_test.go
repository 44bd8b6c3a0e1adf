package lambda

import (
	"bytes"
	"slices"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/serving"
	"parallax/sim/oracle"
)

// repaired is a window with what was dropped from it below the batch cut: the answer of
// one that waits for ever, of the log without what was dropped from the window behind
// that cut.
func (b *book) repaired(j *Job, in *oracle.Input, result *oracle.Result, w *oracle.Window, batch []protocol.Cut) ([]column.Value, int64, error) {
	type at struct {
		part   int32
		offset int64
	}
	gone := map[at]bool{}
	for i := range result.Drops {
		d := &result.Drops[i]
		if d.Start == w.Start && slices.EqualFunc(d.Key, w.Key, func(a, b column.Value) bool { return a.Compare(b) == 0 }) &&
			(len(batch) == 0 || d.Offset >= batch[d.Partition].Offset) {
			gone[at{d.Partition, d.Offset}] = true
		}
	}
	rest := *in
	rest.Rows = slices.DeleteFunc(slices.Clone(in.Rows), func(r oracle.Row) bool { return gone[at{r.Partition, r.Offset}] })
	patient := *j.Pipeline
	patient.Late.Allowed = 1 << 60
	all, err := oracle.Answer(&patient, rest)
	if err != nil {
		return nil, 0, err
	}
	for i := range all.Windows {
		v := &all.Windows[i]
		if v.Start == w.Start && slices.EqualFunc(v.Key, w.Key, func(a, b column.Value) bool { return a.Compare(b) == 0 }) {
			return v.Final, v.OnTimePairs + v.RevisedPairs, nil
		}
	}
	return nil, 0, nil
}

// TestDifferentialRepairs: windows that share no row are asked for together, and the
// answers are those of one question for each, at cuts all over drawn runs.
func TestDifferentialRepairs(t *testing.T) {
	windows, several := 0, 0
	for _, seed := range []uint64{2, 4, 26, 28, 34, 48} { // some windows overlap from the third on
		d, err := Drawn(seed, func(o *Options) { o.CheckEvery = 1 << 30 })
		if err == nil {
			err = d.Run(10*engine.Second, 20*engine.Second)
		}
		if err != nil {
			t.Fatal(err)
		}
		b := &d.check.book
		for part := range uint64(6) {
			var cut, batch []protocol.Cut
			for p := range b.parts {
				end := b.parts[p].end
				cut = append(cut, protocol.Cut{Offset: end * int64(part+1) / 6})
				batch = append(batch, protocol.Cut{Offset: end * int64(part+uint64(p)) / 12})
			}
			if part == 0 {
				batch = nil
			}
			in := oracle.Input{Schema: d.job.Schema, Partitions: len(b.parts), Rows: b.below(cut), Refuse: true}
			result, err := oracle.Answer(d.job.Pipeline, in)
			if err != nil {
				t.Fatal(err)
			}
			fast, err := b.repairs(&d.job, &in, result, batch)
			if err != nil {
				t.Fatal(err)
			}
			for i := range result.Windows {
				w := &result.Windows[i]
				if w.DroppedPairs == 0 {
					continue
				}
				final, counted, err := b.repaired(&d.job, &in, result, w, batch)
				if err != nil {
					t.Fatal(err)
				}
				got := fast[place(w.Key, w.Start)]
				if got.counted != counted || !bytes.Equal(serving.AppendKey(nil, got.final...), serving.AppendKey(nil, final...)) {
					t.Fatalf("seed %d, cut %v, batch %v, window %d: %v of %d pairs, should be %v of %d", seed, cut, batch, w.Start, got.final, got.counted, final, counted)
				}
				windows++
			}
			if lanes, _ := lanesOf(result); len(lanes) > 1 {
				several++
			}
		}
	}
	t.Logf("%d windows, %d times in several lanes", windows, several)
	if windows == 0 || several == 0 {
		t.Error("something was never seen")
	}
}
