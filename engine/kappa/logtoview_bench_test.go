package kappa_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/zeebo/xxh3"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/oracle"
)

// vault is a log that is there already: it pins whatever is asked for and hands out
// batches.
type vault struct{ batches []protocol.Batch }

func (s *vault) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case protocol.Pin:
		fx.SendEager(ev.From, protocol.Pinned{Request: m.Request, Partition: m.Partition})
	case protocol.Fetch:
		out := protocol.Fetched{Request: m.Request, Partition: m.Partition, End: s.batches[len(s.batches)-1].End()}
		size := 0
		for i := range s.batches {
			if b := &s.batches[i]; b.Base >= m.Offset && (size == 0 || size+len(b.Payload) <= int(m.Credit)) {
				out.Batches, size = append(out.Batches, *b), size+len(b.Payload)
			} else if b.Base >= m.Offset {
				break
			}
		}
		fx.SendEager(ev.From, out)
	}
}

// viewing is rows of a log, and what a job makes of them.
type viewing struct {
	pipeline *flow.Pipeline
	schema   column.Schema
	keys     []uint32
	values   []int64
	log      vault
	size     int64 // of a window, ms; rows are a millisecond apart
}

// newViewing is count() and sum(v) by a key of 1,000, in four tumbling windows.
func newViewing(tb testing.TB, rows int) *viewing {
	tb.Helper()
	const batch, keys = 8192, 1000
	v := &viewing{
		schema: column.Schema{{Name: "k", Type: column.TypeOf(column.String)}, {Name: "v", Type: column.TypeOf(column.Int64)}},
		size:   int64(rows+3) / 4,
	}
	w := window.Tumble(v.size*1000, 0)
	var calls []flow.Aggregate
	for _, src := range []string{"count()", "sum(v)"} {
		c, err := expr.ParseCall(src)
		if err != nil {
			tb.Fatal(err)
		}
		calls = append(calls, flow.Aggregate{Name: src, Call: c})
	}
	v.pipeline = &flow.Pipeline{Steps: []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}, {Aggregates: calls}}}
	dict := new(column.Dict)
	for key := range uint32(keys) {
		dict.Append(keyText(key))
	}
	rng, feed := rand.New(rand.NewPCG(1, 2)), make(cluster.Feed, 1)
	for from := 0; from < rows; from += batch {
		n := min(batch, rows-from)
		b := column.Batch{Schema: v.schema, Rows: n, Columns: []column.Column{{Type: v.schema[0].Type, Dict: dict}, {Type: v.schema[1].Type}}}
		for i := range n {
			v.keys, v.values = append(v.keys, uint32(rng.IntN(keys))), append(v.values, rng.Int64N(1000))
			b.Times = append(b.Times, int64(from+i)*1000)
		}
		b.Appends = b.Times
		b.Columns[0].Codes, b.Columns[1].Ints = v.keys[from:], v.values[from:]
		if err := feed.Add(0, 0, &b); err != nil {
			tb.Fatal(err)
		}
	}
	feed.End(0)
	base := int64(0)
	for _, f := range feed[0] {
		v.log.batches = append(v.log.batches, protocol.Batch{
			Base: base, Count: f.Count, Append: base * 1000, TimeMax: f.TimeMax, Idle: f.Idle, Payload: f.Payload,
		})
		base += int64(f.Count)
	}
	return v
}

func keyText(key uint32) string { return fmt.Sprintf("key-%07d", key) }

// run brings the log to a view, by the worker and the view of a real deployment, in
// one simulated process: messages are encoded, hashed and decoded, spans and
// checkpoints are written.
func (v *viewing) run(tb testing.TB) *serving.View {
	tb.Helper()
	plan, err := v.pipeline.Plan(v.schema)
	if err != nil {
		tb.Fatal(err)
	}
	w := sim.New(sim.Options{Network: sim.Network{DelayMin: 1000, DelayMax: 1000}})
	const log, view = 1, 2
	w.Boot("log", func(engine.Env, *engine.Effects) (engine.Actor, error) { return &v.log, nil }, kappa.Decode)
	w.Boot("view", serving.Start(serving.Options{Partitions: 1, Functions: plan.Last().Functions()}), kappa.Decode)
	w.Boot("worker", kappa.StartWorker(kappa.WorkerOptions{
		Pipeline: v.pipeline, Schema: v.schema, Topic: "t", Partitions: 1, Brokers: []engine.NodeID{log}, View: view,
	}), kappa.Decode)
	end := v.log.batches[len(v.log.batches)-1].End()
	for {
		if err := w.RunFor(engine.Second / 10); err != nil {
			tb.Fatal(err)
		}
		if a, ok := w.Actor(view).(*serving.View); ok {
			if cut, _ := a.Cut(); len(cut) > 0 && cut[0].Offset == end {
				return a
			}
		}
		if w.Now() > engine.Instant(60*engine.Second) {
			tb.Fatal("the view has not caught up after a minute")
		}
	}
}

// sum is a checksum of results in any order.
type sum uint64

func (s *sum) add(key string, startMs, count, total int64) {
	*s += sum(xxh3.HashString(fmt.Sprint(key, startMs, count, total)))
}

func (s *sum) view(tb testing.TB, a *serving.View) {
	a.Rows(func(r serving.Row) bool {
		key, err := serving.DecodeKey(r.Key, []column.Type{column.TypeOf(column.String)})
		if err != nil {
			tb.Fatal(err)
		}
		values, err := a.Values(&r)
		if err != nil {
			tb.Fatal(err)
		}
		s.add(key[0].String, r.Start/1000, values[0].Int, values[1].Int)
		return true
	})
}

// loop is the same by hand.
func (v *viewing) loop() (s sum) {
	type slot struct{ count, sum int64 }
	slots := map[[2]int64]slot{}
	for i, key := range v.keys {
		at := [2]int64{int64(i) / v.size, int64(key)}
		x := slots[at]
		slots[at] = slot{x.count + 1, x.sum + v.values[i]}
	}
	for at, x := range slots {
		s.add(keyText(uint32(at[1])), at[0]*v.size, x.count, x.sum)
	}
	return s
}

func (v *viewing) oracle(tb testing.TB) (s sum) {
	tb.Helper()
	in := oracle.Input{Schema: v.schema, Partitions: 1}
	for i, key := range v.keys {
		in.Rows = append(in.Rows, oracle.Row{Offset: int64(i), Time: int64(i) * 1000, Values: []column.Value{
			{Type: v.schema[0].Type, String: keyText(key)}, {Type: v.schema[1].Type, Int: v.values[i]},
		}})
	}
	out, err := oracle.Answer(v.pipeline, in)
	if err != nil {
		tb.Fatal(err)
	}
	for _, row := range out.Final {
		s.add(row[0].String, row[1].Int, row[3].Int, row[4].Int)
	}
	return s
}

// TestOracleLogToView: what the benchmark runs is right: the view has what the oracle
// says, and so does the loop by which the benchmark is checked.
func TestOracleLogToView(t *testing.T) {
	v := newViewing(t, 20_000)
	var got sum
	got.view(t, v.run(t))
	if want := v.oracle(t); got != want || v.loop() != want {
		t.Errorf("the view's answer is %x, the loop's %x, the oracle's %x", got, v.loop(), want)
	}
}

// BenchmarkLogToView is a log of two million rows brought to a view by the actors of a
// real deployment, in one process; the log itself, Raft and all, is not part of it.
// Rows are per second of processor time. "answer" is a checksum of the view.
func BenchmarkLogToView(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	const rows = 2_000_000
	v := newViewing(b, rows)
	want := v.loop()
	var view *serving.View
	var spent time.Duration
	for b.Loop() {
		runtime.GC()
		start := cpu()
		view = v.run(b)
		spent += cpu() - start
	}
	var got sum
	if got.view(b, view); got != want {
		b.Fatalf("the view's answer is %x, the loop's %x", got, want)
	}
	b.ReportMetric(rows*float64(b.N)/spent.Seconds(), "rows/s")
	b.ReportMetric(float64(spent.Nanoseconds())/rows/float64(b.N), "ns/row")
	b.ReportMetric(float64(uint64(got)&math.MaxUint32), "answer")
	b.ReportMetric(0, "ns/op")
}
