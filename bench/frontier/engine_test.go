package frontier

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// story is a drawn arrival trace and what is made of it.
type story struct {
	seed       uint64
	window     window.Spec
	delay      int64
	late       flow.Late
	across     watermark.Across
	partitions int
	arrivals   []arrival
	filters    bool // the pipeline has a filter
	batch      int  // rows that the trace is given at once, at most
}

// arrival is a row, or an idle record.
type arrival struct {
	partition int
	at, time  int64
	key       int64
	idle      bool
	filtered  bool
}

var storySchema = column.Schema{
	{Name: "k", Type: column.TypeOf(column.Int64)}, {Name: "keep", Type: column.TypeOf(column.Bool)},
}

func newStory(seed uint64) story {
	rng := rand.New(rand.NewPCG(seed, 0x66726f6e74))
	const ms = 1000
	unit := int64(ms)
	if rng.IntN(4) == 0 {
		unit = 1 // edges of windows are whole milliseconds, times need not be
	}
	s := story{
		seed: seed, delay: rng.Int64N(40) * unit, partitions: 1 + rng.IntN(3),
		late: flow.Late{Allowed: max(0, rng.Int64N(30)-10) * unit}, filters: rng.IntN(2) == 0, batch: 1 + rng.IntN(5),
	}
	if rng.IntN(3) == 0 {
		s.late.Rule = flow.Operator
	}
	if rng.IntN(3) == 0 {
		s.across = watermark.Own
	}
	size := (1 + rng.Int64N(20)) * ms
	s.window = window.Tumble(size, rng.Int64N(5)*ms)
	if rng.IntN(2) == 0 {
		s.window = window.Hop(size, (1+rng.Int64N(20))*ms, rng.Int64N(5)*ms)
	}
	at := int64(0)
	for range 20 + rng.IntN(80) {
		at += rng.Int64N(3) * ms
		a := arrival{partition: rng.IntN(s.partitions), at: at, time: at - rng.Int64N(1+rng.Int64N(60)*ms), key: rng.Int64N(3), filtered: s.filters && rng.IntN(6) == 0}
		if rng.IntN(20) == 0 {
			a.time += rng.Int64N(50 * ms)
		}
		a.idle = rng.IntN(15) == 0 && s.late.Rule == flow.Log
		if s.across == watermark.Own {
			a.key = a.key*10 + int64(a.partition)
		}
		s.arrivals = append(s.arrivals, a)
	}
	return s
}

func (s *story) plan(t testing.TB) *flow.Plan {
	t.Helper()
	count, err := expr.ParseCall("count()")
	if err != nil {
		t.Fatal(err)
	}
	keep, err := expr.Parse("keep")
	if err != nil {
		t.Fatal(err)
	}
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: s.delay, Across: s.across}, Late: s.late,
		Steps: []flow.Step{
			{Filter: keep}, {KeyBy: []string{"k"}}, {Window: &s.window}, {Aggregates: []flow.Aggregate{{Name: "n", Call: count}}},
		},
	}
	if !s.filters {
		p.Steps = p.Steps[1:]
	}
	plan, err := p.Plan(storySchema)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// rows is arrivals of one partition as a batch.
func rows(list []arrival, offset int64, b *column.Batch) {
	*b = column.Batch{
		Schema: storySchema, Partition: int32(list[0].partition), Offset: offset, Rows: len(list),
		Columns: []column.Column{{Type: storySchema[0].Type}, {Type: storySchema[1].Type}},
	}
	for _, a := range list {
		b.Times, b.Appends = append(b.Times, a.time), append(b.Appends, a.at)
		b.Columns[0].Ints, b.Columns[1].Bools = append(b.Columns[0].Ints, a.key), append(b.Columns[1].Bools, !a.filtered)
	}
}

// fired names the firing of one window of one key.
type fired struct{ key, end int64 }

// engine runs the story through the operators and notes when windows fire.
func (s *story) engine(t testing.TB) (c operator.Counts, at map[fired]int64) {
	t.Helper()
	path := operator.NewPath(s.plan(t), s.partitions)
	at = map[fired]int64{}
	offsets := make([]int64, s.partitions)
	var b column.Batch
	var pane operator.Pane
	for _, a := range s.arrivals {
		if a.idle {
			path.Idle(a.partition, a.time)
		} else {
			rows([]arrival{a}, offsets[a.partition], &b)
			offsets[a.partition]++
			if err := path.Process(&b); err != nil {
				t.Fatal(err)
			}
		}
		for path.Next(&pane) {
			if pane.Kind != operator.OnTime {
				continue
			}
			for i := range pane.Keys {
				_, end := pane.Window(i)
				at[fired{path.Keyer().Value(pane.Keys[i], 0).Int, end}] = a.at
			}
		}
	}
	for p := range s.partitions {
		c.Add(path.Windowed().Counts(p))
	}
	return c, at
}

// trace runs the story through a trace, in batches of what arrives one behind another
// in a partition.
func (s *story) trace(t testing.TB) (*Trace, *operator.Path) {
	t.Helper()
	path := operator.NewPath(s.plan(t), s.partitions)
	trace := NewTrace(Options{
		Window: s.window, Allowed: s.late.Allowed, Partitions: s.partitions, Operator: s.late.Rule == flow.Operator, Own: s.across == watermark.Own,
		Grain: s.grain(),
	})
	offsets := make([]int64, s.partitions)
	var b column.Batch
	for i, n := 0, 0; i < len(s.arrivals); i += n {
		a := s.arrivals[i]
		n = 1
		if a.idle {
			path.Entry().Idle(a.partition, a.time)
			trace.Idle(a.partition, a.time, a.at)
			continue
		}
		for n < s.batch && i+n < len(s.arrivals) && s.arrivals[i+n].partition == a.partition && !s.arrivals[i+n].idle {
			n++
		}
		rows(s.arrivals[i:i+n], offsets[a.partition], &b)
		offsets[a.partition] += int64(n)
		if _, err := path.Front(&b); err != nil {
			t.Fatal(err)
		}
		selected, keys := path.Counted()
		trace.Add(&Rows{
			Partition: a.partition, Times: b.Times, Appends: b.Appends, Frontiers: b.Frontiers, Select: selected, Keys: keys,
			After: path.Entry().Frontier(a.partition),
		})
	}
	return trace, path
}

// grain is that of the story's delay: windows have whole milliseconds.
func (s *story) grain() int64 {
	if s.delay%1000 != 0 {
		return 0
	}
	return 1000
}

// differs says in what the frontier and the engine differ for the story's delay.
func (s *story) differs(t testing.TB, plant func(*Trace)) string {
	c, at := s.engine(t)
	trace, path := s.trace(t)
	if plant != nil {
		plant(trace)
	}
	p := trace.Curve([]int64{s.delay})[0]
	got := operator.Counts{
		Rows: p.Rows, RowsBehind: p.RowsBehind, RowsDropped: p.RowsDropped, PairsOnTime: p.OnTime, PairsRevised: p.Revised, PairsDropped: p.Dropped,
	}
	if got != c {
		return fmt.Sprintf("counts %+v, the engine has %+v", got, c)
	}
	fires := map[fired]int64{}
	for i := range trace.windows {
		w := &trace.windows[i]
		if w.least >= s.delay {
			continue
		}
		if when, ok := trace.Fires(int(w.lane), w.end, s.delay); ok {
			fires[fired{path.Keyer().Value(w.key, 0).Int, w.end}] = when
		}
	}
	if !maps.Equal(fires, at) {
		return fmt.Sprintf("firing times %v, the engine has %v", fires, at)
	}
	if p.Fired != int64(len(at)) {
		return fmt.Sprintf("%d windows fired, the engine has %d", p.Fired, len(at))
	}
	return ""
}

// TestDifferentialEngine: dropped and revised pairs and every firing time are those
// of the operators, whatever the rows, the delay, the lateness and the partitions.
func TestDifferentialEngine(t *testing.T) {
	stories := uint64(2_500)
	if os.Getenv("PARALLAX_SOAK") != "" {
		stories = 100_000
	}
	var dropped, revised, firings int64
	for seed := range stories {
		s := newStory(seed)
		if d := s.differs(t, nil); d != "" {
			t.Fatalf("story %d: %s\n%+v", seed, d, s)
		}
		c, at := s.engine(t)
		dropped, revised, firings = dropped+c.PairsDropped, revised+c.PairsRevised, firings+int64(len(at))
	}
	t.Logf("%d stories: %d pairs dropped, %d revised, %d firings", stories, dropped, revised, firings)
	if dropped == 0 || revised == 0 || firings == 0 {
		t.Error("nothing was compared")
	}
}

// TestLawCurve: a delay's point does not depend on which others are asked for, and
// in what order.
func TestLawCurve(t *testing.T) {
	for seed := range uint64(300) {
		s := newStory(seed)
		trace, _ := s.trace(t)
		delays := trace.Delays()
		up := trace.Curve(delays)
		slices.Reverse(delays)
		down := trace.Curve(delays)
		for i, d := range delays {
			alone, _ := s.trace(t)
			p := alone.Curve([]int64{d})[0]
			if q, r := up[len(up)-1-i], down[i]; !reflect.DeepEqual(p, q) || !reflect.DeepEqual(p, r) {
				t.Fatalf("story %d, delay %d: alone %+v, ascending %+v, descending %+v", seed, d, p, q, r)
			}
		}
	}
}

// TestLawSort: digit by digit is as by comparing.
func TestLawSort(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 0x736f7274))
		list := make([]int64, rng.IntN(5*fewInts))
		width := int64(1) << rng.IntN(63)
		for i := range list {
			list[i] = rng.Int64N(width) - rng.Int64N(width)
		}
		if seed == 7 {
			list = append(make([]int64, fewInts), math.MinInt64, math.MaxInt64)
		}
		want := slices.Clone(list)
		slices.Sort(want)
		if new(sorter[int64]).sort(list); !slices.Equal(list, want) {
			t.Errorf("seed %d: %d numbers are not sorted", seed, len(list))
		}
	}
	var g gaps
	for _, v := range []int64{math.MaxInt64, 3, 1 << 32, 5, math.MaxUint32, 3} {
		g.add(v)
	}
	g.sort()
	for x, want := range map[int64]int64{-1: 6, 3: 6, 4: 4, 6: 3, math.MaxUint32: 3, 1 << 32: 2, 1<<32 + 1: 1, math.MaxInt64: 1} {
		if got := g.above(x); got != want {
			t.Errorf("%d gaps are at least %d, want %d", got, x, want)
		}
	}
}

// TestPlantedDefects: the test above sees each of these, soon.
func TestPlantedDefects(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(*Trace)
	}{
		{"a pair at the bound is on time", func(tr *Trace) {
			for i := range tr.late {
				tr.late[i]--
			}
		}},
		{"windows fire by the greatest frontier", func(tr *Trace) {
			most := combine(tr.rises)
			for _, line := range tr.rises {
				if line.last() > most.last() {
					most = line
				}
			}
			tr.rises = []timeline{most}
		}},
		{"a row all of whose windows are late is dropped", func(tr *Trace) { tr.seal(); tr.lost = tr.late }},
		{"windows without a row on time fire", func(tr *Trace) {
			tr.seal()
			for i := range tr.windows {
				tr.windows[i].least = before
			}
		}},
	} {
		caught := 0
		for seed := range uint64(400) {
			s := newStory(seed)
			if c.name == "windows fire by the greatest frontier" && s.across == watermark.Own {
				continue
			}
			if s.differs(t, c.plant) != "" {
				caught++
			}
		}
		if caught == 0 {
			t.Errorf("%s: not caught", c.name)
		}
		t.Logf("%s: caught by %d of 400 stories", c.name, caught)
	}
}
