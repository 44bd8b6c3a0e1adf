package cluster

import (
	"math/rand/v2"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/engine/kappa"
	"parallax/sim"
)

// smallJob is 200 rows on three partitions: four keys, some rows late, some too
// late, with sums of integers and floats.
func smallJob(t testing.TB, seed uint64) Job {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	schema := column.Schema{
		{Name: "key", Type: column.TypeOf(column.String)},
		{Name: "value", Type: column.TypeOf(column.Int64)},
		{Name: "price", Type: column.TypeOf(column.Float64)},
	}
	call := func(s string) expr.CallExpr {
		c, err := expr.ParseCall(s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	w := window.Tumble(1_000_000, 0)
	if seed%2 == 0 {
		w = window.Hop(2_000_000, 1_000_000, 0)
	}
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 500_000},
		Late:      flow.Late{Allowed: int64(seed%3) * 700_000},
		Steps: []flow.Step{
			{KeyBy: []string{"key"}},
			{Window: &w},
			{Aggregates: []flow.Aggregate{
				{Name: "rows", Call: call("count()")},
				{Name: "sum", Call: call("sum(value)")},
				{Name: "price", Call: call("sum(price)")},
			}},
		},
	}
	feed := make(Feed, 3)
	const rows, perBatch = 200, 4
	at := int64(0)
	for n := 0; n < rows; n += perBatch {
		part := int32(rng.IntN(3))
		b := &column.Batch{Schema: schema, Partition: part, Rows: perBatch, Columns: make([]column.Column, 3)}
		for i := range schema {
			b.Columns[i].Reset(schema[i].Type, &column.Dict{})
		}
		for range perBatch {
			at += rng.Int64N(80_000)
			late := int64(0)
			if rng.IntN(4) == 0 {
				late = rng.Int64N(2_500_000)
			}
			b.Times = append(b.Times, at-late)
			b.Appends = append(b.Appends, at)
			b.Columns[0].Append(column.Value{String: string(rune('a' + rng.IntN(4)))})
			b.Columns[1].Append(column.Value{Int: rng.Int64N(100)})
			b.Columns[2].Append(column.Value{Float: rng.Float64() * 1e16})
		}
		if err := feed.Add(part, engine.Instant(at*1000), b); err != nil {
			t.Fatal(err)
		}
	}
	feed.End(engine.Instant(at * 1000))
	return Job{Pipeline: p, Schema: schema, Feed: feed}
}

func TestSmall(t *testing.T) {
	for seed := uint64(1); seed <= 100; seed++ {
		d, err := Deploy(smallJob(t, seed), Options{
			World: sim.AllFaults(seed), OracleEvery: 16,
			Log:    commitlog.Options{SegmentBytes: 8 << 10, RetainBytes: 2 << 10, IdleAfter: 2 * engine.Second},
			Worker: kappa.WorkerOptions{CheckpointBytes: 4 << 10},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Run(10*engine.Second, 60*engine.Second); err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		s := d.Stats()
		t.Logf("seed %d: %d events, %d s, %d crashes, view %d rows, %d spans, %d answers", seed, s.Events,
			int64(d.Now())/engine.Second, s.Crashes, len(d.Rows()), d.check.model.spans, d.Tally().Answers)
	}
}
