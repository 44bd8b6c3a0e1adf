package frontier

import (
	"math/rand/v2"
	"slices"
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

// streamDelay is that of the run with one delay, µs.
const streamDelay = 1_000_000

func streamPlan(b *testing.B, schema column.Schema) *flow.Plan {
	b.Helper()
	count, _ := expr.ParseCall("count()")
	sum, _ := expr.ParseCall("sum(v)")
	w := window.Tumble(10_000_000, 0)
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: streamDelay},
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
// of the operators with one delay, over the same 10 M rows, in turn in one run: the
// better quartile of each, by processor time. "answer" is how many pairs the engine
// dropped, which the curve must say, too.
func BenchmarkAllDelays(b *testing.B) {
	const rows = 10_000_000
	schema, batches := stream(rows)
	var engines, curves []float64
	delays, dropped := 0, int64(0)
	for b.Loop() {
		start := cpu()
		path := runEngine(b, schema, batches)
		engines = append(engines, (cpu() - start).Seconds())
		start = cpu()
		trace, points := runTrace(b, schema, batches)
		curves = append(curves, (cpu() - start).Seconds())
		delays, dropped = len(points), path.Windowed().Counts(0).PairsDropped
		if p := trace.Curve([]int64{streamDelay})[0]; p.Dropped != dropped || p.OnTime+p.Dropped != rows {
			b.Fatalf("the engine dropped %d pairs, the curve says %+v", dropped, p)
		}
	}
	slices.Sort(engines)
	slices.Sort(curves)
	engine, curve := engines[(len(engines)-1)/4], curves[(len(curves)-1)/4]
	b.ReportMetric(engine, "engine-s")
	b.ReportMetric(curve, "frontier-s")
	b.ReportMetric(curve/engine, "ratio")
	b.ReportMetric(float64(delays), "delays")
	b.ReportMetric(float64(dropped), "answer")
	b.ReportMetric(0, "ns/op")
}

func runEngine(b *testing.B, schema column.Schema, batches []column.Batch) *operator.Path {
	path := operator.NewPath(streamPlan(b, schema), 1)
	var pane operator.Pane
	var frontiers []int64
	for i := range batches {
		in := batches[i]
		in.Frontiers = frontiers[:0]
		if err := path.Process(&in); err != nil {
			b.Fatal(err)
		}
		frontiers = in.Frontiers
		for path.Next(&pane) {
		}
	}
	return path
}

func runTrace(b *testing.B, schema column.Schema, batches []column.Batch) (*Trace, []Point) {
	path := operator.NewPath(streamPlan(b, schema), 1)
	trace := NewTrace(Options{Window: window.Tumble(10_000_000, 0), Partitions: 1, Grain: 1000})
	var frontiers []int64
	for i := range batches {
		in := batches[i]
		in.Frontiers = frontiers[:0]
		if _, err := path.Front(&in); err != nil {
			b.Fatal(err)
		}
		frontiers = in.Frontiers
		selected, keys := path.Counted()
		trace.Add(&Rows{
			Times: in.Times, Appends: in.Appends, Frontiers: in.Frontiers, Select: selected, Keys: keys, After: path.Entry().Frontier(0),
		})
	}
	return trace, trace.Curve(trace.Delays())
}
