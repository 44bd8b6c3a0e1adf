package oracle

import (
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// disordered is a log whose rows come up to so many µs late, ever more of them.
func disordered(seed uint64, partitions, rows int) Input {
	rng := rand.New(rand.NewPCG(seed, 7))
	list := make([]Row, rows)
	for i := range list {
		late := int64(0)
		if rng.IntN(2*rows) < rows/8+i {
			late = rng.Int64N(4000)
		}
		list[i] = click("a", int64(i)*100-late)
		list[i].Append = int64(i) * 100
		list[i].Partition = int32(rng.IntN(partitions))
		if i%300 > 200 && partitions > 1 { // the last is silent now and then
			list[i].Partition = int32(rng.IntN(partitions - 1))
		}
	}
	return log(partitions, list...)
}

// TestDifferentialCompleteness: over logs in which the share is moved several times,
// with and without idle partitions, both sides agree, and the share matters.
func TestDifferentialCompleteness(t *testing.T) {
	matters := false
	for seed := range uint64(12) {
		p := counting(window.Tumble(1000, 0), 0, 2000)
		p.Late.Rule = flow.Operator
		p.Watermark = watermark.Spec{Kind: watermark.Completeness, Millionths: []int32{900_000, 990_000, 1_000_000}[seed%3]}
		if seed%2 == 0 {
			p.IdleAfter = 3000
		}
		in := disordered(seed, 1+int(seed)%3, 1200)
		f := feed{lengths: []int{1 + int(seed), 3}, drains: []bool{true, false}, saves: []bool{false, false, true, false, false}, segments: []bool{false}}
		if diff := differ(t, runner{trial: trial{pipeline: p, input: in}, feed: f}); diff != "" {
			t.Fatalf("seed %d: - oracle, + operators:\n%s", seed, diff)
		}
		still := func(p *flow.Pipeline) *flow.Pipeline {
			q := *p
			q.Watermark.Kind = watermark.Percentile
			return &q
		}
		matters = matters || caughtBy(runner{trial: trial{pipeline: p, input: in}, feed: f, tamper: still}) != ""
	}
	if !matters {
		t.Error("a share that is never moved gives the same answers")
	}
}

// TestLawCompletenessNearsItsGoal: where the disorder grows, the share of rows on
// time stays nearer to the goal than that of a percentile, which looks at all rows
// alike.
func TestLawCompletenessNearsItsGoal(t *testing.T) {
	late := func(kind watermark.Kind) (rows int64) {
		p := counting(window.Tumble(1000, 0), 0, 0)
		p.Late.Rule = flow.Operator
		p.Watermark = watermark.Spec{Kind: kind, Millionths: 950_000}
		r, err := Answer(p, disordered(3, 1, 12_000))
		if err != nil {
			t.Fatal(err)
		}
		return r.All.RowsBehindWatermark
	}
	followed, fixed := late(watermark.Completeness), late(watermark.Percentile)
	t.Logf("of 12000 rows %d are late, and with a percentile of 95 %% %d; the goal is 600", followed, fixed)
	if distance := max(followed-600, 600-followed); distance > max(fixed-600, 600-fixed) {
		t.Errorf("%d late rows are further from 600 than %d", followed, fixed)
	}
}
