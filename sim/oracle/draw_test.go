package oracle

import (
	"fmt"
	"math"
	"strings"
	"time"

	"pgregory.net/rapid"

	"parallax/engine/flow"
	"parallax/engine/flow/civil"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// sales is the schema of drawn logs: p is the row's partition, i, s, f, d and b
// are null here and there.
var sales = column.Schema{
	{Name: "p", Type: column.TypeOf(column.Int64)},
	{Name: "k", Type: column.TypeOf(column.String)},
	{Name: "s", Type: column.TypeOf(column.String)},
	{Name: "i", Type: column.TypeOf(column.Int64)},
	{Name: "j", Type: column.TypeOf(column.Int64)},
	{Name: "f", Type: column.TypeOf(column.Float64)},
	{Name: "d", Type: column.Type{Kind: column.Decimal128, Precision: 12, Scale: 3}},
	{Name: "e", Type: column.Type{Kind: column.Decimal128, Precision: 38}},
	{Name: "b", Type: column.TypeOf(column.Bool)},
	{Name: "t", Type: column.TypeOf(column.Timestamp)},
}

var (
	texts  = []string{"", "a", "b", "A", "ab", "ä", "it's", "\"\\\n\xff", "00"}
	ints   = []int64{0, 1, 2, 3, 7, -1, -8, 1<<53 + 1, math.MaxInt64, math.MinInt64}
	floats = []float64{
		0, math.Copysign(0, -1), 1, 0.1, 1e16, -1e16, 1.5, 5e-324, -5e-324, math.MaxFloat64, -math.MaxFloat64,
		math.NaN(), math.Inf(1), math.Inf(-1), math.Nextafter(1, 2), 1 << 60,
	}
	decimals = []string{"0", "0.001", "-0.001", "2.5", "-2.5", "19.99", "999999999.999"}
	wides    = []string{"0", "1", "-7", "99999999999999999999999999999999999999", "18446744073709551616"}
)

// trial is one pipeline over one log, and how the log is fed to the operators.
type trial struct {
	pipeline *flow.Pipeline
	input    Input
	src      string // the pipeline's expressions, for the report
}

func drawValue(t *rapid.T, f column.Field, partition int32, plain bool) column.Value {
	v := column.Value{Type: f.Type}
	nullable := strings.Contains("sifdeb", f.Name)
	if nullable && rapid.IntRange(0, 5).Draw(t, "null") == 0 {
		v.Null = true
		return v
	}
	special := 0
	if !plain {
		special = rapid.IntRange(0, 3).Draw(t, "special")
	}
	switch f.Name {
	case "p":
		v.Int = int64(partition)
	case "k", "s":
		v.String = rapid.SampledFrom(texts).Draw(t, f.Name)
	case "i":
		v.Int = rapid.SampledFrom(ints[:7+special]).Draw(t, f.Name)
	case "j":
		v.Int = rapid.Int64Range(-4, 4).Draw(t, f.Name)
	case "f":
		v.Float = rapid.SampledFrom(floats[:7+3*special]).Draw(t, f.Name)
	case "d":
		v.Decimal, _ = column.ParseDecimal(rapid.SampledFrom(decimals).Draw(t, f.Name), f.Type)
	case "e":
		v.Decimal, _ = column.ParseDecimal(rapid.SampledFrom(wides[:2+special]).Draw(t, f.Name), f.Type)
	case "b":
		v.Bool = rapid.Bool().Draw(t, f.Name)
	case "t":
		v.Int = rapid.Int64Range(-20_000, 60_000).Draw(t, f.Name)
	}
	return v
}

// drawRows draws a log. Times wander about forwards, with steps back, repeats and
// now and then an end of the range of times.
func drawRows(t *rapid.T, partitions, most int, extreme bool) []Row {
	n := rapid.OneOf(rapid.IntRange(0, most), rapid.IntRange(most/2, most)).Draw(t, "rows")
	plain := rapid.Bool().Draw(t, "plain")
	edge := extreme && rapid.IntRange(0, 20).Draw(t, "edges") == 0
	pool := make([][]column.Value, 1+min(n, 24)) // rows share values, to save draws
	for i := range pool {
		for _, f := range sales {
			pool[i] = append(pool[i], drawValue(t, f, 0, plain))
		}
	}
	grid := rapid.SampledFrom([]int64{1, 500, 1000}).Draw(t, "grid") // so that watermarks meet ends
	rows := make([]Row, n)
	next := make([]int64, partitions)
	clock, appended := rapid.Int64Range(-30_000, 30_000).Draw(t, "clock"), int64(math.MinInt64)
	for i := range rows {
		p := int32(rapid.IntRange(0, partitions-1).Draw(t, "partition"))
		clock += rapid.Int64Range(-500, 2000).Draw(t, "step")
		at := clock - max(0, rapid.Int64Range(-8000, 8000).Draw(t, "late"))
		at -= at % grid
		if edge && rapid.IntRange(0, 9).Draw(t, "edge") == 0 {
			at = rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 4000, math.MaxInt64 - 3500, math.MaxInt64}).Draw(t, "at")
		}
		appended = max(appended, clock+rapid.Int64Range(-3000, 3000).Draw(t, "append"))
		values := append([]column.Value{}, pool[rapid.IntRange(0, len(pool)-1).Draw(t, "values")]...)
		values[0].Int = int64(p)
		if n > 200 { // j has many values, so that windows hold few of all keys
			values[4].Int = int64(i*i%701) - 300
		}
		rows[i] = Row{Partition: p, Offset: 100 + next[p], Time: at, Append: appended, Values: values}
		if rapid.IntRange(0, 24).Draw(t, "idle") == 0 { // a record that carries a frontier
			rows[i].Idle, rows[i].Values = true, nil
		}
		next[p]++
	}
	return rows
}

// one draws one of several texts, made by functions so that only one is made.
func one(t *rapid.T, options ...func() string) string {
	return options[rapid.IntRange(0, len(options)-1).Draw(t, "form")]()
}

func leaf(s string) func() string { return func() string { return s } }

func intExpr(t *rapid.T, depth int) string {
	if depth == 0 {
		return one(t, leaf("i"), leaf("j"), leaf("j"), leaf("3"), leaf("-2"))
	}
	sub := func() string { return intExpr(t, depth-1) }
	return one(t, leaf("i"), leaf("j"),
		func() string {
			return "(" + sub() + rapid.SampledFrom([]string{" + ", " - ", " * "}).Draw(t, "op") + sub() + ")"
		},
		func() string { return "(" + sub() + " % 3)" },
		func() string { return "-(" + sub() + ")" },
		func() string { return "abs(" + sub() + ")" },
		func() string { return "length(" + textExpr(t, depth-1) + ")" },
		func() string { return "int(" + decimalExpr(t, depth-1) + ")" },
		func() string { return "if(" + boolExpr(t, depth-1) + ", " + sub() + ", " + sub() + ")" },
		func() string { return "coalesce(" + sub() + ", " + sub() + ")" },
		leaf("int(b)"), leaf("(t - t)"), leaf("int(t)"))
}

func decimalExpr(t *rapid.T, depth int) string {
	if depth == 0 {
		return one(t, leaf("d"), leaf("d"), leaf("e"), leaf("1.25"), leaf("-0.5"))
	}
	sub := func() string { return decimalExpr(t, depth-1) }
	return one(t, leaf("d"),
		func() string {
			return "(" + sub() + rapid.SampledFrom([]string{" + ", " - "}).Draw(t, "op") + sub() + ")"
		},
		func() string { return "(" + sub() + " * " + intExpr(t, depth-1) + ")" },
		func() string { return "(" + intExpr(t, depth-1) + " - " + sub() + ")" },
		func() string { return "(d * 1.5)" },
		func() string { return "-" + sub() },
		func() string {
			return rapid.SampledFrom([]string{"floor", "ceil", "round", "abs"}).Draw(t, "fn") + "(" + sub() + ")"
		},
		func() string { return "if(" + boolExpr(t, depth-1) + ", " + sub() + ", " + intExpr(t, depth-1) + ")" })
}

func floatExpr(t *rapid.T, depth int) string {
	if depth == 0 {
		return one(t, leaf("f"), leaf("f"), leaf("1e16"), leaf("1e-1"))
	}
	sub := func() string { return floatExpr(t, depth-1) }
	return one(t, leaf("f"),
		func() string {
			return "(" + sub() + rapid.SampledFrom([]string{" + ", " - ", " * ", " / "}).Draw(t, "op") + numberExpr(t, depth-1) + ")"
		},
		func() string { return "(" + intExpr(t, depth-1) + " / " + intExpr(t, depth-1) + ")" },
		func() string { return "float(" + numberExpr(t, depth-1) + ")" },
		func() string { return "-" + sub() },
		func() string {
			return rapid.SampledFrom([]string{"floor", "ceil", "round", "abs"}).Draw(t, "fn") + "(" + sub() + ")"
		},
		func() string { return "coalesce(" + sub() + ", " + numberExpr(t, depth-1) + ")" })
}

func numberExpr(t *rapid.T, depth int) string {
	return one(t, func() string { return intExpr(t, depth) }, func() string { return decimalExpr(t, depth) },
		func() string { return floatExpr(t, depth) })
}

func textExpr(t *rapid.T, depth int) string {
	if depth == 0 {
		return one(t, leaf("k"), leaf("s"), leaf("'a'"), leaf("''"))
	}
	sub := func() string { return textExpr(t, depth-1) }
	return one(t, leaf("k"), leaf("s"),
		func() string { return "lower(" + sub() + ")" },
		func() string { return "upper(" + sub() + ")" },
		func() string { return "if(" + boolExpr(t, depth-1) + ", " + sub() + ", " + sub() + ")" },
		func() string { return "coalesce(" + sub() + ", " + sub() + ")" },
		func() string { return "string(" + numberExpr(t, depth-1) + ")" },
		leaf("string(b)"), leaf("string(t)"))
}

func boolExpr(t *rapid.T, depth int) string {
	if depth == 0 {
		return one(t, leaf("b"), leaf("j > 0"), leaf("s != ''"), leaf("i is null"), leaf("k in ('a', '')"), leaf("f >= 1"))
	}
	sub := func() string { return boolExpr(t, depth-1) }
	op := func() string {
		return rapid.SampledFrom([]string{" = ", " != ", " < ", " <= ", " > ", " >= "}).Draw(t, "compare")
	}
	return one(t, leaf("b"),
		func() string { return "(" + sub() + " and " + sub() + ")" },
		func() string { return "(" + sub() + " or " + sub() + ")" },
		func() string { return "(not " + sub() + ")" },
		func() string { return "(" + numberExpr(t, depth-1) + op() + numberExpr(t, depth-1) + ")" },
		func() string { return "(" + textExpr(t, depth-1) + op() + textExpr(t, depth-1) + ")" },
		func() string { return "((" + numberExpr(t, depth-1) + ") is null)" },
		func() string { return "(" + intExpr(t, depth-1) + " in (1, 2.5, -2, 7e0, null))" },
		func() string { return "(" + decimalExpr(t, depth-1) + " not in (0, 2.50, 19.99))" },
		func() string { return "(" + textExpr(t, depth-1) + " not in ('a', 'AB', null))" },
		func() string { return "contains(" + textExpr(t, depth-1) + ", 'a')" },
		func() string { return "starts_with(k, s)" }, leaf("t >= 5000"), leaf("t < t + i % 1000"), leaf("b = (j = 1)"))
}

// drawCall draws an aggregate call.
func drawCall(t *rapid.T) string {
	depth := rapid.IntRange(0, 2).Draw(t, "depth")
	anyExpr := func() string {
		return one(t, func() string { return numberExpr(t, depth) }, func() string { return textExpr(t, depth) },
			func() string { return boolExpr(t, depth) }, leaf("t"))
	}
	call := one(t, leaf("count()"),
		func() string {
			fn := rapid.SampledFrom([]string{
				"sum", "sum", "mean", "variance", "stddev", "variance_pop", "stddev_pop",
			}).Draw(t, "function")
			return fn + "(" + numberExpr(t, depth) + ")"
		},
		func() string {
			fn := rapid.SampledFrom([]string{"count", "min", "max", "first", "last", "distinct", "hll"}).Draw(t, "function")
			return fn + "(" + anyExpr() + ")"
		},
		func() string {
			return "hll(" + anyExpr() + ", " + rapid.SampledFrom([]string{"4", "11"}).Draw(t, "precision") + ")"
		},
		func() string {
			return "quantile(" + numberExpr(t, depth) + ", " + rapid.SampledFrom([]string{"0", "0.5", "0.99", "1", "3e-1"}).Draw(t, "p") + ")"
		},
		func() string { return fmt.Sprintf("topk(%s, %d)", anyExpr(), rapid.IntRange(1, 4).Draw(t, "k")) },
		func() string {
			return fmt.Sprintf("topk(%s, %s, %d)", anyExpr(), numberExpr(t, depth), rapid.IntRange(1, 4).Draw(t, "k"))
		})
	if rapid.IntRange(0, 2).Draw(t, "where") == 0 {
		call += " where " + boolExpr(t, depth)
	}
	return call
}

// drawPipeline draws a pipeline over sales, now and then with sliding or count windows,
// which have no windows over them.
func drawPipeline(t *rapid.T, partitions int, sliding bool) (*flow.Pipeline, string) {
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: rapid.SampledFrom([]int64{0, 0, 1, 999, 3000, 10_000}).Draw(t, "bounded")},
		Late:      flow.Late{Allowed: rapid.SampledFrom([]int64{0, 1, 2000, 7000, 7000}).Draw(t, "allowed")},
	}
	if rapid.IntRange(0, 2).Draw(t, "rule") == 0 {
		p.Late.Rule = flow.Operator
	}
	if rapid.IntRange(0, 5).Draw(t, "ahead") == 0 {
		p.Watermark.AheadMax = rapid.Int64Range(1, 4000).Draw(t, "aheadMax")
	}
	var src []string
	add := func(s flow.Step, text string) {
		p.Steps = append(p.Steps, s)
		src = append(src, text)
	}
	if rapid.IntRange(0, 2).Draw(t, "filter") == 0 {
		e := boolExpr(t, 2)
		add(flow.Step{Filter: parse(e)}, "filter "+e)
	}
	keys := []string{"p", "k", "s", "i", "j", "f", "d", "e", "b", "t"}
	if rapid.IntRange(0, 3).Draw(t, "project") == 0 {
		e := textExpr(t, 2)
		columns := []flow.Projection{{Name: "x", Expr: parse(e)}}
		for _, f := range sales {
			columns = append(columns, flow.Projection{Name: f.Name, Expr: parse(f.Name)})
		}
		add(flow.Step{Project: columns}, "project x: "+e+" and all others")
		keys = append(keys, "x")
	}
	own := rapid.IntRange(0, 4).Draw(t, "own") == 0
	key := rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 3, rapid.ID).Draw(t, "keys")
	if own {
		p.Watermark.Across, p.PartitionBy = watermark.Own, []string{"p"}
		if !strings.Contains(strings.Join(key, " "), "p") {
			key = append(key, "p")
		}
	}
	marker := drawStrategy(t, p, own)
	if len(key) > 0 {
		add(flow.Step{KeyBy: key}, "key by "+strings.Join(key, ", "))
	}
	w := drawTiled(t)
	if sliding && rapid.IntRange(0, 3).Draw(t, "sliding") == 0 {
		grain := 1000 * rapid.Int64Range(1, 3).Draw(t, "grain")
		w = window.Slide(grain*rapid.Int64Range(0, 6).Draw(t, "difference"), grain)
	} else if sliding && rapid.IntRange(0, 5).Draw(t, "count") == 0 {
		w, p.Late.Allowed = window.Count(rapid.Int64Range(1, 5).Draw(t, "rows")), 0
	}
	add(flow.Step{Window: &w}, fmt.Sprintf("window %+v", w))
	var calls []string
	for n := range rapid.IntRange(1, 4).Draw(t, "aggregates") {
		calls = append(calls, fmt.Sprintf("a%d: %s", n, drawCall(t)))
	}
	add(aggregates(calls...), strings.Join(calls, "\n  "))
	if rapid.IntRange(0, 4).Draw(t, "having") == 0 {
		start, end := flow.Edges(w)
		e := rapid.SampledFrom([]string{"a0 is not null", start + " >= 3", end + " % 2 = 0 or a0 is null"}).Draw(t, "having")
		add(flow.Step{Filter: parse(e)}, "filter "+e)
		add(flow.Step{Project: []flow.Projection{
			{Name: "start", Expr: parse(start)},
			{Name: "length", Expr: parse(end + " - " + start)},
			{Name: "a", Expr: parse("a0")},
		}}, "project start, length, a")
	}
	text := fmt.Sprintf("%+v marked by %q, %+v, idle after %d, %d partitions\n  %s", p.Watermark, marker, p.Late, p.IdleAfter, partitions, strings.Join(src, "\n  "))
	return p, text
}

// drawStrategy draws, for a pipeline with bounded disorder, another strategy now and
// then, and whether partitions can be idle. It returns what the strategy looks at.
func drawStrategy(t *rapid.T, p *flow.Pipeline, own bool) (marker string) {
	together := p.Late.Rule == flow.Operator && !own
	w := &p.Watermark
	switch strategy := rapid.IntRange(0, 11).Draw(t, "strategy"); {
	case strategy <= 1:
		w.Kind, marker = watermark.Punctuated, boolExpr(t, 1)
	case strategy <= 3:
		w.Kind, marker = watermark.PerKey, rapid.SampledFrom([]string{"k", "i", "b", "d", "j % 2", "t", "if(j = 1, s, k)"}).Draw(t, "key")
		w.Bounded = max(1, w.Bounded)
	case strategy <= 5:
		w.Kind, w.Millionths = watermark.Percentile, rapid.SampledFrom([]int32{1, 400_000, 500_000, 900_000, 999_999, 1_000_000}).Draw(t, "share")
	case strategy == 6:
		w.Kind, w.Millionths = watermark.Adaptive, rapid.SampledFrom([]int32{1, 500_000, 900_000, 1_000_000}).Draw(t, "share")
	case strategy <= 8 && together:
		w.Kind, w.Millionths = watermark.Completeness, rapid.SampledFrom([]int32{500_000, 800_000, 990_000, 1_000_000}).Draw(t, "goal")
	}
	if marker != "" {
		p.Marker = parse(marker)
	}
	if together && rapid.Bool().Draw(t, "idle") {
		p.IdleAfter = rapid.SampledFrom([]int64{1, 700, 2500, 8000}).Draw(t, "idleAfter")
	}
	if together && p.IdleAfter == 0 && rapid.IntRange(0, 3).Draw(t, "across") == 0 {
		w.Across = watermark.Max
	}
	if together && rapid.IntRange(0, 5).Draw(t, "move") == 0 {
		w.BatchRows = rapid.SampledFrom([]int64{1, 2, 5, 20}).Draw(t, "batchRows")
		if rapid.Bool().Draw(t, "period") {
			w.BatchRows, w.BatchEvery = 0, rapid.SampledFrom([]int64{1, 700, 2500, 9000}).Draw(t, "batchEvery")
		}
	}
	p.Late.PerElement = rapid.IntRange(0, 4).Draw(t, "per") == 0
	return marker
}

// drawTiled draws windows, now and then the global one, or days, weeks or months, of
// which the epoch is an edge: it is in the middle of many logs.
func drawTiled(t *rapid.T) window.Spec {
	switch rapid.IntRange(0, 11).Draw(t, "tiled") {
	case 0:
		return window.Spec{Kind: window.Global}
	case 1, 2:
		c, err := civil.New(civil.Unit(rapid.IntRange(1, 3).Draw(t, "unit")), rapid.SampledFrom([]string{"UTC", "Africa/Abidjan"}).Draw(t, "zone"), time.Monday)
		if err != nil {
			t.Fatal(err)
		}
		return window.Spec{Kind: window.Calendar, Civil: c}
	}
	return drawWindow(t)
}

func drawWindow(t *rapid.T) window.Spec {
	ms := func(from, to int64, label string) int64 { return 1000 * rapid.Int64Range(from, to).Draw(t, label) }
	offset := ms(-20, 20, "offset")
	if rapid.IntRange(0, 2).Draw(t, "session") == 0 {
		return window.Sessions(ms(1, 6, "gap"), window.Merge(rapid.IntRange(0, 1).Draw(t, "merge")))
	}
	w := window.Hop(ms(1, 12, "size"), ms(1, 15, "every"), offset)
	if rapid.Bool().Draw(t, "tumbling") {
		w = window.Tumble(ms(1, 10, "size"), offset)
	}
	w.Clamp = rapid.IntRange(0, 7).Draw(t, "clamp") == 0
	return w
}
