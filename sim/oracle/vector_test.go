package oracle

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// clicks is the schema of the hand-made logs.
var clicks = column.Schema{
	{Name: "k", Type: column.TypeOf(column.String)},
	{Name: "v", Type: column.TypeOf(column.Int64)},
}

func parse(src string) expr.Expr {
	e, err := expr.Parse(src)
	if err != nil {
		panic(err)
	}
	return e
}

func aggregates(calls ...string) flow.Step {
	var out []flow.Aggregate
	for _, c := range calls {
		name, src, _ := strings.Cut(c, ": ")
		call, err := expr.ParseCall(src)
		if err != nil {
			panic(err)
		}
		out = append(out, flow.Aggregate{Name: name, Call: call})
	}
	return flow.Step{Aggregates: out}
}

// counting counts rows by k.
func counting(w window.Spec, bounded, allowed int64) *flow.Pipeline {
	return &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: bounded},
		Late:      flow.Late{Allowed: allowed},
		Steps:     []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}, aggregates("n: count()")},
	}
}

// click is a row of key k; the log is of one partition unless said otherwise.
func click(k string, t int64) Row {
	return Row{Time: t, Append: t, Values: []column.Value{
		{Type: column.TypeOf(column.String), String: k},
		{Type: column.TypeOf(column.Int64), Int: 1},
	}}
}

// log numbers the rows of each partition.
func log(partitions int, rows ...Row) Input {
	next := make([]int64, partitions)
	for i := range rows {
		p := rows[i].Partition
		rows[i].Offset = next[p]
		next[p]++
	}
	return Input{Schema: clicks, Rows: rows, Partitions: partitions}
}

// tell prints every window as "k@start on time/final -dropped".
func tell(t *testing.T, p *flow.Pipeline, in Input) (string, *Result) {
	t.Helper()
	r, err := Answer(p, in)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, w := range r.Windows {
		s := fmt.Sprintf("@%d", w.Start)
		if len(w.Key) > 0 {
			s = w.Key[0].Text() + s
		}
		for _, v := range [][]column.Value{w.OnTime, w.Final} {
			if v == nil {
				s += " -"
				continue
			}
			s += " " + v[0].Text()
		}
		if w.DroppedPairs > 0 {
			s += fmt.Sprintf(" lost %d", w.DroppedPairs)
		}
		out = append(out, s)
	}
	return strings.Join(out, "; "), r
}

func check(t *testing.T, p *flow.Pipeline, in Input, want string) *Result {
	t.Helper()
	got, r := tell(t, p, in)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	return r
}

// The vectors of spec 2.13 drive the watermark by hand; here a row of another
// key, which the filter takes out again, does: W = F - d counts rows before any
// filter. "nothing more with ts <= w" there is W = w + 1 here.
func mark(w int64) Row { return click("", w+1) }

func marked(p *flow.Pipeline) *flow.Pipeline {
	p.Steps = append([]flow.Step{{Filter: parse("k != ''")}}, p.Steps...)
	return p
}

// TestVectorS13Lateness: one revision within the allowed lateness, one drop.
func TestVectorS13Lateness(t *testing.T) {
	r := check(t, marked(counting(window.Tumble(2000, 0), 0, 500)), log(1,
		click("a", 500), mark(1500), click("a", 1300), mark(2300), click("a", 1997), mark(6000), click("a", 1998)),
		"a@0 2 3 lost 1")
	if len(r.Drops) != 1 || r.Drops[0].Time != 1998 || r.Drops[0].Watermark != 6001 || r.Drops[0].Offset != 6 {
		t.Errorf("drops %+v", r.Drops)
	}
}

// TestVectorS14DropTumbling: nothing is allowed; the window takes a row behind
// the watermark as long as its end is ahead of it.
func TestVectorS14DropTumbling(t *testing.T) {
	r := check(t, marked(counting(window.Tumble(2000, 0), 0, 0)), log(1,
		click("a", 1000), mark(1985), click("a", 1980), mark(1999), click("a", 1998), click("a", 2001), mark(2999), mark(3999)),
		"a@0 2 2 lost 1; a@2000 1 1")
	if r.All.RowsBehindWatermark != 2 || r.All.RowsDropped != 1 || r.All.WindowsIncomplete != 1 {
		t.Errorf("counts %+v", r.All)
	}
}

// TestVectorS15DropSliding: rows that lose some of their windows are no dropped
// rows; one loses all.
func TestVectorS15DropSliding(t *testing.T) {
	r := check(t, marked(counting(window.Hop(3000, 1000, 0), 0, 0)), log(1,
		click("k2", 1000), mark(1999), click("k2", 2000), mark(3000), click("k1", 3001),
		click("k2", 2400), click("k2", 2400), click("k1", 3001), click("k2", 3900), mark(6000), click("k1", 3001)),
		"k1@1000 2 2 lost 1; k1@2000 2 2 lost 1; k1@3000 2 2 lost 1; "+
			"k2@-1000 1 1; k2@0 2 2 lost 2; k2@1000 5 5; k2@2000 4 4; k2@3000 1 1")
	if r.All.RowsDropped != 1 || r.All.PairsDropped != 5 {
		t.Errorf("counts %+v", r.All)
	}
}

// TestVectorS20S21S23 are Kafka Streams' tumbling windows, whose grace is an
// allowed lateness and whose stream time is F: final counts.
func TestVectorS20S21S23(t *testing.T) {
	stream := func(times ...int64) Input {
		var rows []Row
		for _, at := range times {
			rows = append(rows, click("a", at))
		}
		return log(1, rows...)
	}
	check(t, counting(window.Tumble(2, 0), 0, 1), stream(0, 1, 2, 1, 0, 5, 0),
		"a@0 2 4 lost 1; a@2 1 1; a@4 1 1")
	check(t, counting(window.Tumble(2, 0), 2, 0), stream(0, 1, 2, 0, 3, 0, 4, 0, 30),
		"a@0 4 4 lost 1; a@2 2 2; a@4 1 1; a@30 1 1")
	r := check(t, counting(window.Tumble(10, 0), 90, 0), stream(200, 100, 101, 102, 103, 104, 105, 6),
		"a@0 - - lost 1; a@100 - - lost 6; a@200 1 1")
	if r.All.RowsDropped != 7 {
		t.Errorf("rows dropped %d, want 7", r.All.RowsDropped)
	}
}

// TestVectorS22RowsAndPairs: of the rows 0 to 6 all lose [0, 10) and 0 to 4 also
// [-5, 5), which Kafka Streams does not have: seven pairs there, twelve here. 5
// and 6 are kept by [5, 15).
func TestVectorS22RowsAndPairs(t *testing.T) {
	var rows []Row
	for _, at := range []int64{100, 0, 1, 2, 3, 4, 5, 6, 105, 106} {
		rows = append(rows, click("a", at))
	}
	for _, c := range []struct{ bounded, allowed int64 }{{90, 0}, {0, 90}} {
		_, r := tell(t, counting(window.Hop(10, 5, 0), c.bounded, c.allowed), log(1, slices.Clone(rows)...))
		positive := 0
		for _, d := range r.Drops {
			if d.Start >= 0 {
				positive++
			}
		}
		kept := r.Windows[2]
		if positive != 7 || r.All.PairsDropped != 12 || r.All.RowsDropped != 5 || kept.Start != 5 || kept.Final[0].Int != 2 {
			t.Errorf("bounded %d, allowed %d: %d pairs from 0 on, %+v, %+v", c.bounded, c.allowed, positive, r.All, kept)
		}
	}
}

// TestVectorRules: the same log by both rules. Partition 1 is behind, so the
// least watermark forgives what partition 0's own does not.
func TestVectorRules(t *testing.T) {
	row := func(p int32, at int64) Row {
		r := click("a", at)
		r.Partition = p
		return r
	}
	in := func() Input {
		return log(3, row(0, 5), row(0, 25), row(1, 12), row(0, 9), row(1, 3), row(2, 30), row(2, 8))
	}
	p := counting(window.Tumble(10, 0), 0, 0)
	r := check(t, p, in(), "a@0 1 1 lost 3; a@10 1 1; a@20 1 1; a@30 1 1")
	if r.Partitions[0].PairsDropped != 1 || r.Partitions[1].WindowsIncomplete != 1 || r.Partitions[2].Windows != 2 {
		t.Errorf("partitions %+v", r.Partitions)
	}
	p.Late.Rule = flow.Operator
	r = check(t, p, in(), "a@0 3 3 lost 1; a@10 1 1; a@20 1 1; a@30 1 1")
	if d := r.Drops; len(d) != 1 || d[0].Partition != 2 || d[0].Watermark != 12 {
		t.Errorf("drops %+v", d)
	}
	p.Watermark.Across = watermark.Own
	check(t, p, in(), "a@0 1 1 lost 3; a@10 1 1; a@20 1 1; a@30 1 1")
}

// TestVectorAhead: a row from the future is not taken and does not move the
// frontier; one at the limit is.
func TestVectorAhead(t *testing.T) {
	in := log(1, click("a", 5), click("a", 200), click("a", 6), click("a", 110), click("a", 7))
	in.Rows[1].Append, in.Rows[3].Append = 99, 10
	p := counting(window.Tumble(10, 0), 0, 0)
	p.Watermark.AheadMax = 100
	r := check(t, p, in, "a@0 2 2 lost 1; a@110 1 1")
	if r.All.RowsAhead != 1 || r.All.Rows != 4 {
		t.Errorf("counts %+v", r.All)
	}
}

// TestVectorEndOfTime: a watermark at the end of time is not past a window by
// more than is left of time, so the window is still revised.
func TestVectorEndOfTime(t *testing.T) {
	const most = math.MaxInt64
	in := log(1, click("a", most), click("a", most-3500), click("a", most-3400))
	p := counting(window.Hop(2000, 1000, 0), 0, 2000)
	check(t, p, in, "a@9223372036854771000 - - lost 2; a@9223372036854772000 - 2")
	f := feed{lengths: []int{1}, drains: []bool{true}, saves: []bool{true}, segments: []bool{true}}
	if diff := differ(t, runner{trial: trial{pipeline: p, input: in}, feed: f}); diff != "" {
		t.Errorf("- oracle, + operators:\n%s", diff)
	}
}

// sparkling is a log of one partition whose rows are of event times in seconds, each
// given behind the second at which it arrives.
func sparkling(rows ...[2]int64) Input {
	var list []Row
	for _, r := range rows {
		c := click("a", r[1]*1_000_000)
		c.Append = r[0] * 1_000_000
		list = append(list, c)
	}
	return log(1, list...)
}

// TestVectorS28Spark: windows of 5 s, a delay of 10 s, micro-batches of a second with
// pauses between them: the window at 10 has five rows, and the last 10 is too late.
// Without the pauses it counts, since the watermark is one batch late.
func TestVectorS28Spark(t *testing.T) {
	p := counting(window.Tumble(5_000_000, 0), 10_000_000, 0)
	p.Late.Rule, p.Watermark.Across, p.Watermark.BatchEvery = flow.Operator, watermark.Max, 1_000_000
	r := check(t, p, sparkling([2]int64{0, 10}, [2]int64{0, 11}, [2]int64{0, 12}, [2]int64{0, 13}, [2]int64{0, 14}, [2]int64{0, 15},
		[2]int64{2, 25}, [2]int64{4, 10}), "a@10000000 5 5 lost 1; a@15000000 1 1; a@25000000 1 1")
	if d := r.Drops; len(d) != 1 || d[0].Watermark != 15_000_000 {
		t.Errorf("drops %+v", d)
	}
	at := func(a, b, c int64) Input {
		return sparkling([2]int64{a, 10}, [2]int64{b, 25}, [2]int64{c, 10}, [2]int64{c + 1, 10})
	}
	check(t, p, at(0, 1, 2), "a@10000000 2 2 lost 1; a@25000000 1 1")
	p.Watermark.BatchEvery, p.Watermark.BatchRows = 0, 1
	check(t, p, at(0, 0, 0), "a@10000000 2 2 lost 1; a@25000000 1 1")
	p.Watermark.BatchRows = 0
	check(t, p, at(0, 0, 0), "a@10000000 1 1 lost 2; a@25000000 1 1")
}

// TestVectorFirstMicroBatch: what idle records have said before the first row is known to
// the second batch, as what one batch has said is to the one after the next.
func TestVectorFirstMicroBatch(t *testing.T) {
	p := counting(window.Tumble(1000, 0), 0, 0)
	p.Late.Rule, p.Watermark.Across, p.Watermark.BatchRows = flow.Operator, watermark.Min, 1
	for _, every := range []int64{0, 1000} {
		rows := []Row{{Time: 2000, Idle: true}, click("a", 5), click("a", 6), click("a", 3000)}
		for i := range rows {
			rows[i].Append = every * int64(i)
		}
		if every > 0 {
			p.Watermark.BatchRows, p.Watermark.BatchEvery = 0, every
		}
		in := log(1, rows...)
		check(t, p, in, "a@0 1 1 lost 1; a@3000 1 1")
		f := feed{lengths: []int{1}, drains: []bool{true}, saves: []bool{true}, segments: []bool{false}}
		if diff := differ(t, runner{trial: trial{pipeline: p, input: in}, feed: f}); diff != "" {
			t.Errorf("batches of %d rows or %d µs\n- oracle, + operators:\n%s", p.Watermark.BatchRows, p.Watermark.BatchEvery, diff)
		}
	}
}

// TestVectorPerElement: a row behind the watermark by more than is allowed is lost to
// all its windows, open or not.
func TestVectorPerElement(t *testing.T) {
	p := counting(window.Hop(10, 5, 0), 0, 4)
	p.Late.PerElement = true
	r := check(t, p, steps(3, 11, 7, 6, 20), "a@-5 1 1; a@0 1 2 lost 1; a@5 2 2 lost 1; a@10 1 1; a@15 1 1; a@20 1 1")
	if r.All.RowsDropped != 1 || r.All.PairsDropped != 2 || r.All.PairsRevised != 1 {
		t.Errorf("%+v", r.All)
	}
	onTime, final, r := visits(t, window.Sessions(10, window.Overlapping), flow.Late{Rule: flow.Operator, PerElement: true}, steps(5, 3, 5, 40))
	if want := "2@[5,15) 1@[40,50)"; onTime != want || final != want || r.All.RowsDropped != 1 {
		t.Errorf("on time %s, final %s, %+v", onTime, final, r.All)
	}
}
