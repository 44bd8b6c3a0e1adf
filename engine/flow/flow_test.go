package flow_test

import (
	"errors"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

const second = 1_000_000 // µs

var retail = column.Schema{
	{Name: "country", Type: column.TypeOf(column.String)},
	{Name: "customer_id", Type: column.TypeOf(column.String)},
	{Name: "quantity", Type: column.TypeOf(column.Int64)},
	{Name: "unit_price", Type: column.Type{Kind: column.Decimal128, Precision: 12, Scale: 3}},
	{Name: "at", Type: column.TypeOf(column.Timestamp)},
}

func parse(t testing.TB, src string) expr.Expr {
	e, err := expr.Parse(src)
	if err != nil {
		t.Fatalf("Parse(%q): %v", src, err)
	}
	return e
}

// filter, project, aggregate and tumble make steps; project and aggregate take
// names and texts by turns.
func filter(t testing.TB, src string) flow.Step { return flow.Step{Filter: parse(t, src)} }

func project(t testing.TB, pairs ...string) flow.Step {
	var s flow.Step
	for i := 0; i < len(pairs); i += 2 {
		s.Project = append(s.Project, flow.Projection{Name: pairs[i], Expr: parse(t, pairs[i+1])})
	}
	return s
}

func aggregate(t testing.TB, pairs ...string) flow.Step {
	var s flow.Step
	for i := 0; i < len(pairs); i += 2 {
		c, err := expr.ParseCall(pairs[i+1])
		if err != nil {
			t.Fatalf("ParseCall(%q): %v", pairs[i+1], err)
		}
		s.Aggregates = append(s.Aggregates, flow.Aggregate{Name: pairs[i], Call: c})
	}
	return s
}

func tumble(size int64) flow.Step {
	w := window.Tumble(size, 0)
	return flow.Step{Window: &w}
}

func keyBy(names ...string) flow.Step { return flow.Step{KeyBy: names} }

func pipeline(steps ...flow.Step) *flow.Pipeline { return &flow.Pipeline{Steps: steps} }

func TestVectorPlan(t *testing.T) {
	p := pipeline(
		filter(t, "quantity > 0"),
		project(t, "country", "upper(country)", "revenue", "quantity * unit_price", "customer_id", "customer_id"),
		keyBy("country"),
		tumble(3600*second),
		aggregate(t, "rows", "count()", "revenue", "sum(revenue)", "customers", "distinct(customer_id) where customer_id != ''", "p99", "quantile(float(revenue), 0.99)"),
		filter(t, "rows > 1"),
		project(t, "country", "country", "start", "window_start_ms", "mean", "revenue / rows"),
	)
	plan, err := p.Plan(retail)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		schema column.Schema
		want   string
	}{
		{"Schema", plan.Schema, "country string, revenue decimal(38,3), customer_id string"},
		{"Finished", plan.Finished, "country string, window_start_ms int64, window_end_ms int64, rows int64, revenue decimal(38,3), customers int64, p99 float64"},
		{"Result", plan.Result, "country string, start int64, mean float64"},
	} {
		var parts []string
		for _, f := range c.schema {
			parts = append(parts, f.Name+" "+f.Type.String())
		}
		if got := strings.Join(parts, ", "); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
	if len(plan.Rows) != 2 || len(plan.Having) != 2 || len(plan.Keys) != 1 || plan.Keys[0] != 0 || len(plan.Functions()) != 4 {
		t.Errorf("%+v", plan)
	}
	if out := plan.Aggregates[3]; len(out.Args) != 1 || out.Function.String() != "quantile(float64, 0.99)" {
		t.Errorf("p99: %d arguments, %s", len(out.Args), out.Function)
	}
	if plan.Aggregates[2].Where == nil || plan.Aggregates[1].Where != nil {
		t.Errorf("where: %+v", plan.Aggregates)
	}
}

func TestVectorPlanErrors(t *testing.T) {
	rows := aggregate(t, "rows", "count()")
	hour := tumble(3600 * second)
	for want, p := range map[string]*flow.Pipeline{
		`pipeline[0].filter: unknown column "quantty" at column 5; did you mean "quantity"?`:                                      pipeline(filter(t, "1 + quantty > 0"), hour, rows),
		`pipeline[0].filter: a condition must be bool, this is int64 at column 10`:                                                pipeline(filter(t, "quantity + 1"), hour, rows),
		`pipeline[0].project.x: cannot add string to int64 at column 10; did you mean "int(country)"?`:                            pipeline(project(t, "x", "quantity + country"), hour, rows),
		`pipeline[0].project.x: the name "x" is taken`:                                                                            pipeline(project(t, "x", "1", "x", "2"), hour, rows),
		`pipeline[0].key_by[1]: unknown column "contry"; did you mean "country"?`:                                                 pipeline(keyBy("customer_id", "contry"), hour, rows),
		`pipeline[0].key_by[1]: the name "country" is taken`:                                                                      pipeline(keyBy("country", "country"), hour, rows),
		`pipeline[1].key_by[0]: the name "window_end_ms" belongs to a window's edge: give the column another one by a projection`: pipeline(project(t, "window_end_ms", "1"), keyBy("window_end_ms"), hour, rows),
		`pipeline[0].window: size 1s500us is not a whole number of milliseconds, in which results give a window's edges`:          pipeline(tumble(second+500), rows),
		`pipeline[0].window: window: size must be positive`:                                                                       pipeline(tumble(0), rows),
		`pipeline[1].aggregate.bytes: unknown column "unit_prise" at column 5; did you mean "unit_price"?`:                        pipeline(hour, aggregate(t, "bytes", "sum(unit_prise)")),
		`pipeline[1].aggregate.x: unknown aggregate function "cuont" at column 1; did you mean "count"?`:                          pipeline(hour, aggregate(t, "x", "cuont()")),
		`pipeline[1].aggregate.x: unknown column "y" at column 15`:                                                                pipeline(hour, aggregate(t, "x", "count() where y")),
		`pipeline[1].aggregate.x: a condition must be bool, this is int64 at column 15`:                                           pipeline(hour, aggregate(t, "x", "count() where quantity")),
		`pipeline[2].aggregate.country: the name "country" is taken`:                                                              pipeline(keyBy("country"), hour, aggregate(t, "country", "count()")),
		`pipeline[1].aggregate.window_start_ms: the name "window_start_ms" is taken`:                                              pipeline(hour, aggregate(t, "window_start_ms", "count()")),
		`pipeline[2].filter: unknown column "quantity" at column 1`:                                                               pipeline(hour, rows, filter(t, "quantity > 1")),
		`pipeline: the steps end without an aggregate: a window and an aggregate are needed`:                                      pipeline(filter(t, "true")),
		`pipeline[0]: an aggregate needs a window before it`:                                                                      pipeline(rows),
		`pipeline[1]: a second window`:                                                                                            pipeline(hour, hour, rows),
		`pipeline[1]: key_by must come before window`:                                                                             pipeline(hour, keyBy("country"), rows),
		`pipeline[2]: a second aggregate needs a window of its own before it`:                                                     pipeline(hour, rows, rows),
		`pipeline[1]: filter cannot stand between key_by and aggregate: move it before key_by`:                                    pipeline(keyBy("country"), filter(t, "true"), hour, rows),
		`pipeline[0]: a step needs one of filter, project, key_by, window, trigger, aggregate`:                                    pipeline(flow.Step{}, hour, rows),
		`pipeline[0]: a step is only one of filter, project, key_by, window, trigger, aggregate`:                                  pipeline(flow.Step{KeyBy: []string{"country"}, Window: hour.Window}, rows),
		`pipeline[0]: key_by needs at least one column; leave the step out for one group`:                                         pipeline(flow.Step{KeyBy: []string{}}, hour, rows),
		`watermark: a length of time is negative`:                                                                                 {Watermark: watermark.Spec{Bounded: -1}, Steps: []flow.Step{hour, rows}},
		`late.allowed: -1s is negative`:                                                                                           {Late: flow.Late{Allowed: -second}, Steps: []flow.Step{hour, rows}},
		`watermark.across: own needs each column of the source's partition_by among the keys: "country" is not`:                   {Watermark: watermark.Spec{Across: watermark.Own}, PartitionBy: []string{"country"}, Steps: []flow.Step{keyBy("customer_id"), hour, rows}},
		`watermark.across: own needs each column of the source's partition_by among the keys: "customer_id" is not`:               {Watermark: watermark.Spec{Across: watermark.Own}, PartitionBy: []string{"customer_id"}, Steps: []flow.Step{project(t, "customer_id", "upper(customer_id)"), keyBy("customer_id"), hour, rows}},
	} {
		_, err := p.Plan(retail)
		var placed *flow.Error
		if !errors.As(err, &placed) || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	renamed := &flow.Pipeline{
		Watermark: watermark.Spec{Across: watermark.Own}, PartitionBy: []string{"country"},
		Steps: []flow.Step{project(t, "where", "country"), keyBy("where"), hour, rows, project(t, "where", "'x'")},
	}
	if _, err := renamed.Plan(retail); err != nil {
		t.Errorf("a key that is the partition's column by another name: %v", err)
	}
}

func TestVectorString(t *testing.T) {
	hop := window.Hop(10*second, 2*second, -500_000)
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 90 * second, Across: watermark.Own, AheadMax: 3600 * second},
		Late:      flow.Late{Rule: flow.Operator, Allowed: 2 * second},
		Steps: []flow.Step{
			filter(t, "`a b` != ': #'"), project(t, "yes", "1", "café", "x"), keyBy("yes", "a, b"),
			{Window: &hop},
			aggregate(t, "top", "topk(item, 10) where x in ('a')"),
		},
	}
	want := `watermark: {bounded: 1m30s, across: own, ahead_max: 1h}
late: {rule: operator, allowed: 2s}
pipeline:
  - filter: '` + "`a b`" + ` != '': #'''
  - project:
      'yes': '1'
      'café': x
  - key_by: ['yes', 'a, b']
  - window: {hop: 10s, every: 2s, offset: -500ms}
  - aggregate:
      top: topk(item, 10) where x in ('a')
`
	if got := p.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	p.Watermark = watermark.Spec{Kind: watermark.Monotonic, Across: watermark.Max, BatchEvery: 10 * second}
	p.Late.PerElement = true
	want = "watermark: {monotonic: true, across: max, move: batch, batch: {every: 10s}}\nlate: {rule: operator, allowed: 2s, per: element}\n"
	if got := p.String(); !strings.HasPrefix(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	p.Watermark = watermark.Spec{BatchRows: 1000}
	if got := p.String(); !strings.HasPrefix(got, "watermark: {bounded: 0s, move: batch, batch: {rows: 1000}}\n") {
		t.Errorf("got:\n%s", got)
	}
	if p.Steps[0].Filter = parse(t, "x = 'a\nb'"); !strings.Contains(p.String(), `filter: "x = 'a\nb'"`) {
		t.Errorf("got:\n%s", p)
	}
}

func TestVectorDuration(t *testing.T) {
	for s, want := range map[string]int64{
		"36h": 36 * 3600 * second, "7d": 7 * 86400 * second, "1.5h": 5400 * second, "250ms": 250_000, "1us": 1, "1µs": 1,
		"2000ns": 2, "-1d12h": -36 * 3600 * second, "+3s": 3 * second, "0": 0, "0s": 0, "1m0.5s": 60_500_000, ".5s": 500_000,
		"9223372036854775807us": 1<<63 - 1, "-9223372036854775808us": -1 << 63, "106751991d": 106751991 * 86400 * second,
	} {
		if got, err := flow.ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	for s, want := range map[string]string{
		"": `flow: not a duration: ""`, "-": `flow: not a duration: "-"`,
		"5":                      `flow: not a duration: "5": a unit is missing: ns, us, ms, s, m, h or d`,
		"5x":                     `flow: not a duration: "5x": unknown unit "x": ns, us, ms, s, m, h or d`,
		"h":                      `flow: not a duration: "h": a number is missing`,
		"1ns":                    `flow: not a duration: "1ns": not a whole number of microseconds`,
		"9223372036854775808us":  `flow: not a duration: "9223372036854775808us": too long`,
		"-9223372036854775809us": `flow: not a duration: "-9223372036854775809us": too long`,
		"99999999999999999999s":  `flow: not a duration: "99999999999999999999s": too many digits`,
		"999999999999999d":       `flow: not a duration: "999999999999999d": too long`,
		"1.0000000001s":          `flow: not a duration: "1.0000000001s": more than nine digits behind the point`,
		"1s 2s":                  `flow: not a duration: "1s 2s": unknown unit "s ": ns, us, ms, s, m, h or d`,
	} {
		if got, err := flow.ParseDuration(s); !errors.Is(err, flow.ErrDuration) || err.Error() != want {
			t.Errorf("ParseDuration(%q) = %d, %v; want %s", s, got, err, want)
		}
	}
}
