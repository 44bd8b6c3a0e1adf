package operator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

const (
	hopSteps = 2048
	hopFull  = 1024 // by then the longest windows are full, and the clock starts
	hopKeys  = 20
	hopStep  = 2048 // rows of a step, in which a window begins: about 100 for each key
)

// BenchmarkHop is the row path over hopping windows that begin every 2,048 rows and
// are 1 to 1,000 times as long, in turn in one run: ns/row of processor time, and
// as a share of the first, with rows in order; with a tenth of them up to three
// steps late and waited for; and with as many late and not waited for, so that they
// revise what was shown. A count and a sum of 20 keys are shown for every window,
// whatever its length, so that the output is the same.
func BenchmarkHop(b *testing.B) {
	const step = hopStep * 1000 // µs
	ordered, late := newBenchInput(hopSteps*hopStep, hopKeys, hopStep), newBenchInput(hopSteps*hopStep, hopKeys, hopStep)
	rng := rand.New(rand.NewPCG(4, 5))
	for i := range late.times {
		if rng.IntN(10) == 0 {
			late.times[i] = max(0, late.times[i]-rng.Int64N(3*step))
		}
	}
	for _, c := range []struct {
		name           string
		in             *benchInput
		bound, allowed int64
	}{{"in-order", ordered, 0, 0}, {"tenth-late-waited-for", late, 3 * step, 0}, {"tenth-late-revising", late, 0, 3 * step}} {
		b.Run(c.name, func(b *testing.B) {
			times := []int64{1, 2, 4, 10, 30, 100, 300, 1000}
			if c.allowed > 0 { // each revision reads all slices of its window
				times = times[:6]
			}
			paths, passes := make([]*benchPath, len(times)), make([][]float64, len(times))
			for i, n := range times {
				w := window.Hop(n*step, step, 0)
				paths[i] = newBenchForm(b, c.in, false, math.MaxInt, &flow.Pipeline{
					Watermark: watermark.Spec{Bounded: c.bound}, Late: flow.Late{Allowed: c.allowed},
					Steps: []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}},
				})
				paths[i].any = true
				if i > 0 { // one log in memory is enough
					paths[i].headers, paths[i].entries = paths[0].headers, paths[0].entries
					paths[i].open(b)
				}
				paths[i].entriesFrom(b, 0, hopSteps)
			}
			for b.Loop() {
				for i, p := range paths {
					p.rewind()
					p.entriesFrom(b, 0, hopFull)
					start := cpu()
					p.entriesFrom(b, hopFull, hopSteps)
					passes[i] = append(passes[i], float64(cpu()-start)/((hopSteps-hopFull)*hopStep))
				}
			}
			first := quartile(passes[0])
			for i, n := range times {
				b.ReportMetric(quartile(passes[i]), fmt.Sprintf("ns/row-at-%d", n))
				b.ReportMetric(quartile(passes[i])/first, fmt.Sprintf("ratio-at-%d", n))
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// entriesFrom processes the entries [from, to), each a step, and takes what is due.
func (p *benchPath) entriesFrom(b *testing.B, from, to int) {
	for _, entry := range p.entries[from:to] {
		if err := p.readers[0].Decode(entry, &p.batch); err != nil {
			b.Fatal(err)
		}
		if err := p.path.Process(&p.batch); err != nil {
			b.Fatal(err)
		}
		p.drain(b)
	}
}
