package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/gate"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// gated runs a pipeline over a log through a gate, loading the path anew at some
// rows, and returns what the oracle's expected does, of the counts, drops and values
// in the end.
func gated(t *testing.T, p *flow.Pipeline, in Input) (outcome, []string) {
	t.Helper()
	r := runner{t: t, trial: trial{pipeline: p, input: in}, feed: feed{lengths: []int{1}, segments: []bool{false}}}
	r.out, r.dicts, r.path = newOutcome(), map[string]*column.Dict{}, r.open()
	var order []string
	var pane operator.Pane
	g := gate.New(r.path, in.Partitions, func(b *column.Batch) error {
		if b != nil {
			order = append(order, fmt.Sprint(b.Partition, "/", b.Offset))
			if err := r.path.Process(b); err != nil {
				return err
			}
			for _, d := range r.path.Windowed().Drops() {
				for i := range int64(d.Dropped) {
					r.out.Drops = append(r.out.Drops, fmt.Sprint(d.Partition, "/", d.Offset, " t ", d.Time, " end ", d.FirstEnd+i*p.Steps[len(p.Steps)-2].Window.Every, " W ", d.Watermark))
				}
			}
		}
		for r.path.Next(&pane) {
			r.final(&pane)
		}
		return nil
	})
	for i := range in.Rows {
		if err := g.Offer(r.batch(in.Rows[i : i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Finish(); err != nil {
		t.Fatal(err)
	}
	r.path.Close()
	for r.path.Next(&pane) {
		r.final(&pane)
	}
	for p := range in.Partitions {
		c := r.path.Windowed().Counts(p)
		r.out.Counts = append(r.out.Counts, fmt.Sprint(p, c.RowsBehind, c.RowsDropped, c.PairsOnTime, c.PairsRevised, c.PairsDropped,
			r.path.Entry().Rejected(p)))
	}
	return r.out, order
}

// final keeps what a pane says.
func (r *runner) final(pane *operator.Pane) {
	for i, key := range pane.Keys {
		if pane.Kind == operator.Retraction {
			delete(r.out.Final, r.id(pane, i, key))
			continue
		}
		r.out.Final[r.id(pane, i, key)] = text([]column.Value{pane.Table.Finish(pane.Groups[i], 0)})
	}
}

// drifting is a log whose partitions have clocks of their own, some of them far
// ahead, and fall silent now and then.
func drifting(rng *rand.Rand, partitions, rows int) Input {
	list := make([]Row, rows)
	ahead := make([]int64, partitions)
	for i := range ahead {
		ahead[i] = rng.Int64N(6000)
	}
	now := int64(0)
	for i := range list {
		now += rng.Int64N(200)
		p := rng.IntN(partitions)
		if i%60 > 30 {
			p = rng.IntN(1 + p)
		}
		if rng.IntN(40) == 0 {
			ahead[p] = rng.Int64N(9000)
		}
		list[i] = click("a", now+ahead[p]-rng.Int64N(1500))
		list[i].Append, list[i].Partition = now, int32(p)
	}
	return log(partitions, list...)
}

// aligned draws a pipeline of aligned partitions.
func aligned(rng *rand.Rand) *flow.Pipeline {
	w := window.Tumble(1000, 0)
	if rng.IntN(3) == 0 {
		w = window.Sessions(1000, window.Merge(rng.IntN(2)))
	}
	p := counting(w, 0, rng.Int64N(2)*1500)
	p.Late.Rule = flow.Operator
	p.Watermark = watermark.Spec{Bounded: rng.Int64N(1000)}
	if rng.IntN(3) == 0 {
		p.Watermark = watermark.Spec{Kind: watermark.Completeness, Millionths: 900_000}
	}
	p.AlignDrift = 1 + rng.Int64N(3000)
	if rng.IntN(3) > 0 {
		p.IdleAfter = 1 + rng.Int64N(2500)
	}
	return p
}

// TestDifferentialAligned: rows that are held back while their partition is too far
// ahead are late, or not, as the oracle says, with and without idle partitions; and
// what is held back matters.
func TestDifferentialAligned(t *testing.T) {
	matters, held := 0, 0
	for seed := range uint64(80) {
		rng := rand.New(rand.NewPCG(seed, 53))
		p := aligned(rng)
		in := drifting(rng, 1+rng.IntN(4), 150)
		want, err := expected(p, in)
		if err != nil {
			t.Fatal(err)
		}
		got, order := gated(t, p, in)
		slices.Sort(want.Drops)
		slices.Sort(got.Drops)
		for _, d := range []string{cmp.Diff(want.Counts, got.Counts), cmp.Diff(want.Drops, got.Drops), cmp.Diff(want.Final, got.Final)} {
			if d != "" {
				t.Fatalf("seed %d, %+v, late %+v, drift %d, idle %d: - oracle, + operators:\n%s", seed, p.Watermark, p.Late, p.AlignDrift, p.IdleAfter, d)
			}
		}
		free := *p
		free.AlignDrift = 0
		other, _ := gated(t, &free, in)
		if slices.Sort(other.Drops); !slices.Equal(other.Drops, got.Drops) {
			matters++
		}
		next := make([]int64, in.Partitions)
		for i, r := range in.Rows {
			if order[i] != fmt.Sprint(r.Partition, "/", r.Offset) {
				held++
				break
			}
		}
		for _, o := range order { // each partition in its order
			var part int
			var offset int64
			if _, err := fmt.Sscanf(o, "%d/%d", &part, &offset); err != nil || offset != next[part] {
				t.Fatalf("seed %d: %s out of order", seed, o)
			}
			next[part]++
		}
	}
	if t.Logf("of 80 logs rows of %d come in another order, and other rows are dropped of %d", held, matters); matters < 10 {
		t.Error("alignment does not matter")
	}
}
