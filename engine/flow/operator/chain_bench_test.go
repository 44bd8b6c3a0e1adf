package operator

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
)

// BenchmarkChain is windows of a thousand rows, alone and with windows of sixty of
// theirs over them: where nothing can be revised, where results are kept and
// retracted, and where windows keep them. A thousand rows of a hundred keys make a
// hundred results.
func BenchmarkChain(b *testing.B) {
	const rows, batch, keys = 1 << 18, 1 << 12, 100
	rng := rand.New(rand.NewPCG(1, 3))
	var batches []column.Batch
	for at := 0; at < rows; at += batch {
		c := column.Batch{Rows: batch, Offset: int64(at), Columns: []column.Column{{Type: column.TypeOf(column.Int64)}}}
		for i := range batch {
			c.Columns[0].Ints = append(c.Columns[0].Ints, rng.Int64N(keys))
			c.Times = append(c.Times, int64(at+i)*1000)
			c.Appends = append(c.Appends, int64(at+i)*1000)
		}
		batches = append(batches, c)
	}
	schema := column.Schema{{Name: "k", Type: column.TypeOf(column.Int64)}}
	call := func(src string) []flow.Aggregate {
		c, err := expr.ParseCall(src)
		if err != nil {
			b.Fatal(err)
		}
		return []flow.Aggregate{{Name: "n", Call: c}}
	}
	seconds, minutes := window.Tumble(1_000_000, 0), window.Tumble(60_000_000, 0)
	for _, c := range []struct {
		name    string
		over    string
		allowed int64
	}{{"alone", "", 0}, {"over it", "sum(n)", 0}, {"retracting", "sum(n)", 5_000_000}, {"keeping", "max(n)", 5_000_000}} {
		b.Run(c.name, func(b *testing.B) {
			p := flow.Pipeline{Late: flow.Late{Allowed: c.allowed}, Steps: []flow.Step{
				{KeyBy: []string{"k"}}, {Window: &seconds}, {Aggregates: call("count()")},
			}}
			if c.over != "" {
				p.Steps = append(p.Steps, flow.Step{KeyBy: []string{"k"}}, flow.Step{Window: &minutes}, flow.Step{Aggregates: call(c.over)})
			}
			plan, err := p.Plan(schema)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				path, results := NewPath(plan, 1), 0
				var pane Pane
				for i := range batches {
					at := batches[i]
					if err := path.Process(&at); err != nil {
						b.Fatal(err)
					}
					for path.Next(&pane) {
						results += len(pane.Keys)
					}
				}
				if results == 0 {
					b.Fatal(fmt.Errorf("no results: %w", path.Err()))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
