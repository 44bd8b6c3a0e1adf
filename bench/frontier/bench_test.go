package frontier

import (
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// stream is rows of 1,000 keys, 10,000 a second, of which one in ten comes up to
// three seconds late, in batches of 8,192.
func stream(rows int) (schema column.Schema, out []column.Batch) {
	schema = column.Schema{{Name: "k", Type: column.TypeOf(column.Int64)}, {Name: "v", Type: column.TypeOf(column.Int64)}}
	rng := rand.New(rand.NewPCG(1, 2))
	const batch = 8192
	for from := 0; from < rows; from += batch {
		n := min(batch, rows-from)
		b := column.Batch{Schema: schema, Offset: int64(from), Rows: n, Columns: []column.Column{{Type: schema[0].Type}, {Type: schema[1].Type}}}
		for i := range n {
			at := int64(from+i) * 100
			t := at
			if rng.IntN(10) == 0 {
				t -= rng.Int64N(3_000_000)
			}
			b.Times, b.Appends = append(b.Times, t), append(b.Appends, at)
			b.Columns[0].Ints = append(b.Columns[0].Ints, rng.Int64N(1000))
			b.Columns[1].Ints = append(b.Columns[1].Ints, int64(i))
		}
		out = append(out, b)
	}
	return schema, out
}

func streamPlan(b *testing.B, schema column.Schema) *flow.Plan {
	b.Helper()
	count, _ := expr.ParseCall("count()")
	sum, _ := expr.ParseCall("sum(v)")
	w := window.Tumble(10_000_000, 0)
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 1_000_000},
		Steps: []flow.Step{
			{KeyBy: []string{"k"}}, {Window: &w}, {Aggregates: []flow.Aggregate{{Name: "n", Call: count}, {Name: "s", Call: sum}}},
		},
	}
	plan, err := p.Plan(schema)
	if err != nil {
		b.Fatal(err)
	}
	return plan
}

// BenchmarkAllDelays is the frontier of every delay at once beside one ordinary run
// of the operators with one delay, over the same 10 M rows.
func BenchmarkAllDelays(b *testing.B) {
	const rows = 10_000_000
	schema, batches := stream(rows)
	b.Run("engine, one delay", func(b *testing.B) {
		for b.Loop() {
			path := operator.NewPath(streamPlan(b, schema), 1)
			var pane operator.Pane
			for i := range batches {
				in := batches[i]
				if err := path.Process(&in); err != nil {
					b.Fatal(err)
				}
				for path.Next(&pane) {
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	})
	b.Run("frontier, all delays", func(b *testing.B) {
		for b.Loop() {
			path := operator.NewPath(streamPlan(b, schema), 1)
			trace := NewTrace(Options{Window: window.Tumble(10_000_000, 0), Partitions: 1})
			for i := range batches {
				in := batches[i]
				if _, err := path.Front(&in); err != nil {
					b.Fatal(err)
				}
				selected, keys := path.Counted()
				trace.Add(&Rows{
					Times: in.Times, Appends: in.Appends, Frontiers: in.Frontiers, Select: selected, Keys: keys, After: path.Entry().Frontier(0),
				})
			}
			delays := trace.Delays()
			points := trace.Curve(delays)
			b.ReportMetric(float64(len(points)), "delays")
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	})
}
