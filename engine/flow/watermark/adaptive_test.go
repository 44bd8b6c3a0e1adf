package watermark

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// disorderly is a partition whose rows are 10 ms apart, and some of them late.
type disorderly struct {
	p    *Progress
	rng  *rand.Rand
	rows int64
}

func newDisorderly(kind Kind, seed uint64) *disorderly {
	return &disorderly{p: Spec{Kind: kind, Millionths: 950_000}.Progress(), rng: rand.New(rand.NewPCG(seed, 9))}
}

// feed adds rows, of which share in 256 are up to so late.
func (d *disorderly) feed(rows, share, late int64) {
	for range rows {
		t := d.rows * 10_000
		if d.rng.Int64N(256) < share {
			t -= d.rng.Int64N(late)
		}
		d.p.Row(t, false)
		d.rows++
	}
}

// behind is how far the promise lies behind the newest row.
func (d *disorderly) behind() int64 { return d.p.newest - d.p.frontier }

// TestVectorAdaptiveFollows: the bound rests while nothing changes, and follows within
// some hundred rows when rows come later, or in order again. A percentile over all
// rows takes as long to forget as the rows have been there; so does a window in which
// no change is seen.
func TestVectorAdaptiveFollows(t *testing.T) {
	for seed := range uint64(8) {
		a, q, blind := newDisorderly(Adaptive, seed), newDisorderly(Percentile, seed), newDisorderly(Adaptive, seed)
		blind.p.drift.blind = true
		all := func(rows, share, late int64) {
			for _, d := range []*disorderly{a, q, blind} {
				d.feed(rows, share, late)
			}
		}
		all(20_000, 64, 400_000)
		if n := a.p.drift.rows(); a.behind() < 200_000 || a.behind() > 500_000 || n < 15_000 {
			t.Errorf("seed %d: %d behind over %d rows, before anything changed", seed, a.behind(), n)
		}
		all(1000, 128, 20_000_000)
		if now := a.p.disorder.quantile(950_000); now < 10_000_000 {
			t.Errorf("seed %d: a bound of %d when rows come up to 20 s late", seed, now)
		}
		all(6000, 0, 1)
		if a.behind() > 100_000 || q.behind() < 200_000 || blind.behind() != q.behind() {
			t.Errorf("seed %d: %d behind when all is in order again; a percentile %d, blind to change %d", seed, a.behind(), q.behind(), blind.behind())
		}
	}
}

// TestVectorAdaptiveBlocks: of six blocks of a size the two oldest are joined; the
// window holds a million rows at most; and what is counted is what the blocks hold.
func TestVectorAdaptiveBlocks(t *testing.T) {
	a := newDisorderly(Adaptive, 1)
	sizes := func() (list []uint64) {
		for _, b := range a.p.drift.blocks {
			list = append(list, b.rows)
		}
		return list
	}
	a.feed(8*32, 0, 1)
	if got := sizes(); !slices.Equal(got, []uint64{64, 64, 32, 32, 32, 32}) {
		t.Errorf("blocks of %v", got)
	}
	a.feed(5*32+7, 0, 1)
	if got := sizes(); !slices.Equal(got, []uint64{64, 64, 64, 64, 32, 32, 32, 32, 32}) || a.p.drift.open.rows != 7 {
		t.Errorf("blocks of %v and %d", got, a.p.drift.open.rows)
	}
	a.feed(1_200_000, 20, 90_000)
	if n := a.p.drift.rows(); n > driftRowsMax || n < driftRowsMax/2 || a.p.disorder.total != n+a.p.drift.open.rows {
		t.Errorf("%d rows in %d blocks, %d are counted", n, len(a.p.drift.blocks), a.p.disorder.total)
	}
	q := a.p.spec.Progress()
	if rest, err := q.Load(a.p.AppendTo(nil)); err != nil || len(rest) != 0 {
		t.Fatal(err)
	}
	b := &disorderly{p: q, rng: rand.New(rand.NewPCG(2, 2)), rows: a.rows}
	a.rng = rand.New(rand.NewPCG(2, 2))
	a.feed(500, 200, 90_000_000)
	b.feed(500, 200, 90_000_000)
	if !slices.Equal(a.p.AppendTo(nil), q.AppendTo(nil)) {
		t.Error("the loaded window goes on as another")
	}
}

func BenchmarkAdaptive(b *testing.B) {
	d := newDisorderly(Adaptive, 1)
	for b.Loop() {
		d.feed(1, 30, 400_000)
	}
}
