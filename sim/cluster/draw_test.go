package cluster

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim"
)

// rowsSchema is that of drawn rows. part is the row's partition, price and tag are
// null now and then.
var rowsSchema = column.Schema{
	{Name: "part", Type: column.TypeOf(column.Int64)},
	{Name: "key", Type: column.TypeOf(column.String)},
	{Name: "value", Type: column.TypeOf(column.Int64)},
	{Name: "price", Type: column.TypeOf(column.Float64)},
	{Name: "tag", Type: column.TypeOf(column.String)},
}

// Shape of a small run: 200 rows on three partitions.
const (
	smallRows       = 200
	smallPartitions = 3
	stormNs         = 10 * engine.Second
	calmNs          = 10 * engine.Second // the bound of P5, see TestFaults
)

// draws makes choices that depend on a seed alone.
type draws struct{ *rand.Rand }

func (d draws) chance(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d draws, options ...T) T { return options[d.IntN(len(options))] }

// drawJob draws a small job: what it computes, how late rows are, and what comes
// when to which partition.
func drawJob(t testing.TB, seed uint64) Job {
	t.Helper()
	d := draws{rand.New(rand.NewPCG(seed, 0x706c78))}
	p := drawPipeline(t, d)
	return Job{Pipeline: p, Schema: rowsSchema, Feed: drawFeed(t, d)}
}

func drawPipeline(t testing.TB, d draws) *flow.Pipeline {
	t.Helper()
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: pick[int64](d, 0, 200_000, 500_000)},
		Late:      flow.Late{Allowed: pick[int64](d, 0, 300_000, 700_000, 1_500_000)},
	}
	if p.Watermark.Bounded == 0 && d.chance(2) {
		p.Watermark.Kind = watermark.Monotonic
	}
	if d.chance(6) {
		p.Watermark.AheadMax = 400_000
	}
	if d.chance(3) {
		p.Steps = append(p.Steps, flow.Step{Filter: parse(t, pick(d, "value > 10", "tag is null or value % 3 = 0", "price >= 0 or key = 'a'"))})
	}
	if d.chance(5) {
		columns := []flow.Projection{{Name: "more", Expr: parse(t, "value * 2 + 1")}}
		for _, f := range rowsSchema {
			columns = append(columns, flow.Projection{Name: f.Name, Expr: parse(t, f.Name)})
		}
		p.Steps = append(p.Steps, flow.Step{Project: columns})
	}
	keys := pick(d, []string{"key"}, []string{"key"}, []string{"key"}, nil, []string{"key", "tag"}, []string{"value", "key"})
	if d.chance(5) {
		p.Watermark.Across, p.PartitionBy = watermark.Own, []string{"part"}
		keys = []string{"key", "part"}
	}
	if keys != nil {
		p.Steps = append(p.Steps, flow.Step{KeyBy: keys})
	}
	w := pick(d, window.Tumble(1_000_000, 0), window.Hop(2_000_000, 1_000_000, 0), window.Tumble(700_000, 100_000),
		window.Hop(900_000, 300_000, 50_000), window.Hop(300_000, 800_000, 0))
	calls := []string{"count()"}
	for range d.IntN(4) {
		calls = append(calls, pick(d, "sum(value)", "sum(price)", "sum(price)", "min(price)", "max(tag)", "mean(price)", "distinct(value)",
			"first(tag)", "last(price)", "quantile(price, 0.5)", "variance(value)", "topk(tag, 2)", "sum(value) where price > 0",
			"hll(value, 6)", "count(tag)"))
	}
	step := flow.Step{}
	for i, s := range calls {
		c, err := expr.ParseCall(s)
		if err != nil {
			t.Fatal(err)
		}
		step.Aggregates = append(step.Aggregates, flow.Aggregate{Name: fmt.Sprintf("a%d", i), Call: c})
	}
	p.Steps = append(p.Steps, flow.Step{Window: &w}, step)
	return p
}

func parse(t testing.TB, src string) expr.Expr {
	t.Helper()
	e, err := expr.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// drawFeed draws the rows. A partition may be without any, or fall silent.
func drawFeed(t testing.TB, d draws) Feed {
	t.Helper()
	feed := make(Feed, smallPartitions)
	empty, silent := -1, -1
	if d.chance(8) {
		empty = d.IntN(smallPartitions)
	}
	if d.chance(4) {
		silent = d.IntN(smallPartitions)
	}
	lateness := pick[int64](d, 300_000, 1_000_000, 2_500_000)
	at := int64(0)
	for n := 0; n < smallRows; {
		part := d.IntN(smallPartitions)
		if part == empty || part == silent && n > smallRows/3 {
			continue
		}
		size := min(1+d.IntN(6), smallRows-n)
		b := &column.Batch{Schema: rowsSchema, Partition: int32(part), Rows: size, Columns: make([]column.Column, len(rowsSchema))}
		for i := range rowsSchema {
			b.Columns[i].Reset(rowsSchema[i].Type, &column.Dict{})
		}
		for range size {
			at += d.Int64N(70_000)
			time := at
			switch {
			case d.chance(4):
				time -= d.Int64N(lateness)
			case d.chance(30):
				time += d.Int64N(900_000)
			}
			b.Times, b.Appends = append(b.Times, time), append(b.Appends, at)
			for i, v := range drawRow(d, part) {
				b.Columns[i].Append(v)
			}
		}
		if err := feed.Add(int32(part), engine.Instant(at*engine.Microsecond), b); err != nil {
			t.Fatal(err)
		}
		n += size
	}
	feed.End(engine.Instant(at * engine.Microsecond))
	return feed
}

func drawRow(d draws, part int) []column.Value {
	tag := column.Value{Null: d.chance(5), String: ""}
	if !tag.Null {
		tag.String = strings.Repeat("x", d.IntN(3))
	}
	price := column.Value{Null: d.chance(8)}
	if !price.Null {
		price.Float = pick(d, d.Float64(), d.Float64()*1e16, -d.Float64()*1e16, 0.1, -0.1)
	}
	return []column.Value{
		{Int: int64(part)}, {String: string(rune('a' + d.IntN(4)))}, {Int: d.Int64N(20)}, price, tag,
	}
}

// drawOptions are those of a run with faults: every other seed has all families at
// their usual rates, the rest have each family off, as usual or three times as
// often. Everything is small, so that segments, retention, bases and checkpoints
// come round often.
func drawOptions(seed uint64) Options {
	d := draws{rand.New(rand.NewPCG(seed, 0x6f7074))}
	world := sim.AllFaults(seed)
	world.Reproduce = fmt.Sprintf("PARALLAX_SEEDS=%d..%d go test ./sim/cluster -run TestFaults", seed, seed)
	if seed%2 == 0 {
		n, p := &world.Network, &world.Process
		for _, rate := range []*sim.Rate{
			&n.Drop, &n.Duplicate, &n.Reorder, &n.Slow, &n.Sever, &world.Storage.SlowSync, &p.Crash, &p.CrashAtPersist, &p.Pause,
		} {
			*rate *= pick[sim.Rate](d, 0, 1, 1, 3)
		}
	}
	return Options{
		World: world, OracleEvery: 16,
		Log: commitlog.Options{
			SegmentBytes: 4 << 10, RetainBytes: pick[int64](d, 512, 1<<10, 4<<10),
			IdleAfter: pick(d, 400*engine.Millisecond, engine.Second, 3*engine.Second),
		},
		Worker: kappa.WorkerOptions{CheckpointBytes: pick[int64](d, 1<<10, 3<<10, 10<<10), Credit: pick[int32](d, 0, 300, 2000)},
		View:   serving.Options{SegmentBytes: 4 << 10, BaseBytes: 512},
	}
}

// runSmall is a drawn run with both phases.
func runSmall(t testing.TB, seed uint64, change func(*Options)) (*Deployment, error) {
	t.Helper()
	o := drawOptions(seed)
	if change != nil {
		change(&o)
	}
	d, err := Deploy(drawJob(t, seed), o)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	return d, d.Run(stormNs, calmNs)
}

// seeds are those of PARALLAX_SEEDS=A..B if this is a soak or a replay, else 1..n.
func seeds(t *testing.T, n uint64) (from, to uint64) {
	t.Helper()
	text := os.Getenv("PARALLAX_SEEDS")
	if text == "" {
		return 1, n
	}
	if _, err := fmt.Sscanf(text, "%d..%d", &from, &to); err != nil {
		t.Fatalf("PARALLAX_SEEDS=%q: %v", text, err)
	}
	return from, to
}
