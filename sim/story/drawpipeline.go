package story

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// drawnSchema is that of drawn rows. part is the row's partition, price and tag are
// null now and then.
var drawnSchema = column.Schema{
	{Name: "part", Type: column.TypeOf(column.Int64)},
	{Name: "key", Type: column.TypeOf(column.String)},
	{Name: "value", Type: column.TypeOf(column.Int64)},
	{Name: "price", Type: column.TypeOf(column.Float64)},
	{Name: "tag", Type: column.TypeOf(column.String)},
}

// drawPipeline draws what to compute of rows whose times lie as t says.
func drawPipeline(d draws, t times) *flow.Pipeline {
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: t.scale * pick[int64](d, 0, 200_000, 500_000)},
		Late:      flow.Late{Allowed: t.scale * pick[int64](d, 0, 300_000, 700_000, 1_500_000)},
	}
	if p.Watermark.Bounded == 0 && d.chance(2) {
		p.Watermark.Kind = watermark.Monotonic
	}
	if t.near() && d.chance(3) {
		p.Watermark.AheadMax = pick[int64](d, 400_000, 5_000_000)
	}
	if d.chance(3) {
		p.Steps = append(p.Steps, flow.Step{Filter: parse(pick(d, "value > 10", "tag is null or value % 3 = 0", "price >= 0 or key = 'a'", "value * 3 > 5"))})
	}
	if d.chance(5) {
		columns := []flow.Projection{{Name: "more", Expr: parse("value * 2 + 1")}}
		for _, f := range drawnSchema {
			columns = append(columns, flow.Projection{Name: f.Name, Expr: parse(f.Name)})
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
	w := drawWindow(d, t)
	p.Steps = append(p.Steps, flow.Step{Window: &w}, flow.Step{Aggregates: drawAggregates(d)})
	return p
}

func drawWindow(d draws, t times) window.Spec {
	size := func(us int64) int64 { return us * t.scale }
	return pick(d, window.Tumble(size(1_000_000), 0), window.Hop(size(2_000_000), size(1_000_000), 0),
		window.Tumble(size(700_000), size(100_000)), window.Hop(size(900_000), size(300_000), size(50_000)),
		window.Hop(size(300_000), size(800_000), 0))
}

func drawAggregates(d draws) []flow.Aggregate {
	calls := []string{"count()"}
	for range d.IntN(4) {
		calls = append(calls, pick(d, "sum(value)", "sum(price)", "sum(price)", "min(price)", "max(tag)", "mean(price)", "distinct(value)",
			"first(tag)", "last(price)", "quantile(price, 0.5)", "variance(value)", "topk(tag, 2)", "sum(value) where price > 0",
			"hll(value, 6)", "count(tag)", "sum(value * 1000000007)", "max(-value)", "sum(100 % value)"))
	}
	list := make([]flow.Aggregate, len(calls))
	for i, s := range calls {
		c, err := expr.ParseCall(s)
		if err != nil {
			panic(err) // the text is one of those above
		}
		list[i] = flow.Aggregate{Name: fmt.Sprintf("a%d", i), Call: c}
	}
	return list
}

func parse(src string) expr.Expr {
	e, err := expr.Parse(src)
	if err != nil {
		panic(err) // the text is one of those above
	}
	return e
}
