package operator

import (
	"math"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// BenchmarkForms is the row path over other pipelines and orders of rows, warm,
// 8,192 rows a batch, 1,000 strings: ns/row of processor time.
func BenchmarkForms(b *testing.B) {
	const rows = 1 << 20
	in := newBenchInput(rows, 1000, 8192)
	disordered := newBenchInput(rows, 1000, 8192)
	late := newBenchInput(rows, 1000, 8192)
	rng := rand.New(rand.NewPCG(4, 4))
	for i := range rows {
		disordered.times[i] = max(0, disordered.times[i]-rng.Int64N(1_000_000))
		if rng.IntN(10) == 0 {
			late.times[i] = max(0, late.times[i]-in.size)
		}
	}
	positive, err := expr.Parse("v >= 500")
	if err != nil {
		b.Fatal(err)
	}
	tumble, hop := window.Tumble(in.size, 0), window.Hop(in.size, in.size/8000*1000, 0)
	for _, c := range []struct {
		name  string
		in    *benchInput
		bound int64
		steps []flow.Step
	}{
		{"key", in, 0, []flow.Step{{KeyBy: []string{"k"}}, {Window: &tumble}}},
		{"no-key", in, 0, []flow.Step{{Window: &tumble}}},
		{"int-key", in, 0, []flow.Step{{KeyBy: []string{"v"}}, {Window: &tumble}}},
		{"two-keys", in, 0, []flow.Step{{KeyBy: []string{"k", "v"}}, {Window: &tumble}}},
		{"half-filtered", in, 0, []flow.Step{{Filter: positive}, {KeyBy: []string{"k"}}, {Window: &tumble}}},
		{"disordered", disordered, 1_000_000, []flow.Step{{KeyBy: []string{"k"}}, {Window: &tumble}}},
		{"tenth-late", late, 0, []flow.Step{{KeyBy: []string{"k"}}, {Window: &tumble}}},
		{"hop-8", in, 0, []flow.Step{{KeyBy: []string{"k"}}, {Window: &hop}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := newBenchForm(b, c.in, false, math.MaxInt, &flow.Pipeline{
				Watermark: watermark.Spec{Bounded: c.bound}, Late: flow.Late{Allowed: 2 * in.size}, Steps: c.steps,
			})
			p.any = true
			p.pass(b)
			var passes []float64
			for b.Loop() {
				p.rewind()
				start := cpu()
				p.pass(b)
				passes = append(passes, float64(cpu()-start)/rows)
			}
			b.ReportMetric(quartile(passes), "ns/row")
			b.ReportMetric(0, "ns/op")
		})
	}
}
