package operator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// record is a row of a test's log.
type record struct {
	time, v int64
	key     string
	null    bool // the key is
}

// story is a job and its input: small enough to print, large enough for every
// rule to matter.
type story struct {
	seed    uint64
	window  window.Spec
	mark    watermark.Spec
	late    flow.Late
	logs    [][]record    // by partition
	segment int           // records in a log segment
	idle    int64         // idle_after
	trigger *trigger.Spec // or nil
}

func (s story) String() string {
	return fmt.Sprintf("story %d: window %+v, watermark %+v, late %+v, segments of %d, %d partitions",
		s.seed, s.window, s.mark, s.late, s.segment, len(s.logs))
}

var storySchema = column.Schema{
	{Name: "k", Type: column.TypeOf(column.String)},
	{Name: "v", Type: column.TypeOf(column.Int64)},
}

// newStory draws a story. Times wander upwards with disorder about as large as
// the watermark's bound.
func newStory(seed uint64, rule flow.Rule) story {
	rng := rand.New(rand.NewPCG(seed, 41))
	s := story{seed: seed, late: flow.Late{Rule: rule}, segment: 1 + rng.IntN(12)}
	size := 1 + rng.Int64N(12)
	s.window = window.Tumble(1000*size, 1000*rng.Int64N(9))
	if rng.IntN(2) == 0 {
		s.window = window.Hop(1000*size, 1000*(1+rng.Int64N(12)), -1000*rng.Int64N(9))
	}
	s.mark.Bounded = rng.Int64N(5000)
	if rng.IntN(2) == 0 {
		s.late.Allowed = 1 + rng.Int64N(12000)
	}
	if rng.IntN(4) == 0 {
		s.mark.Across = watermark.Own
	}
	if rng.IntN(8) == 0 {
		s.mark.AheadMax = 9000
	}
	for p := range 1 + rng.IntN(4) {
		var log []record
		at := rng.Int64N(20000) - 10000
		for range rng.IntN(14) {
			at += rng.Int64N(4000)
			r := record{time: at - rng.Int64N(1+s.mark.Bounded), v: rng.Int64N(100) - 20, key: fmt.Sprint("k", rng.IntN(4)), null: rng.IntN(9) == 0}
			if s.mark.Across == watermark.Own {
				r.key += fmt.Sprint(" of ", p)
				r.null = r.null && p == 0
			}
			if rng.IntN(3) == 0 {
				r.time -= rng.Int64N(2 * s.window.Size)
			}
			if rng.IntN(5) == 0 { // perhaps exactly on an edge
				r.time = at / 1000 * 1000
			}
			log = append(log, r)
		}
		s.logs = append(s.logs, log)
	}
	return s
}

// appendTime of a record: its number, far enough ahead for most.
func appendTime(i int) int64 { return int64(1500*i) - 4000 }

// plan binds the story's job: rows with v < -15 are filtered out, and move the
// frontier all the same.
func (s story) plan(t testing.TB) *flow.Plan {
	t.Helper()
	call := func(src string) expr.CallExpr {
		c, err := expr.ParseCall(src)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	filter, err := expr.Parse("v >= -15")
	if err != nil {
		t.Fatal(err)
	}
	w, count := s.window, "count()"
	if s.seed%2 == 0 { // v is never null; the operator must count rows itself
		count = "count(v)"
	}
	p := &flow.Pipeline{Watermark: s.mark, Late: s.late, IdleAfter: s.idle, PartitionBy: []string{"k"}, Steps: []flow.Step{
		{Filter: filter},
		{KeyBy: []string{"k"}},
		{Window: &w},
		{Aggregates: []flow.Aggregate{{Name: "n", Call: call(count)}, {Name: "sum", Call: call("sum(v) where v % 3 = 0")}}},
	}}
	if s.trigger != nil {
		p.Steps = slices.Insert(p.Steps, 3, flow.Step{Trigger: s.trigger})
	}
	plan, err := p.Plan(storySchema)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// place is a (key, window); of sessions with the start.
type place struct {
	key   string
	end   int64
	start int64
}

// answer is what a story comes to.
type answer struct {
	onTime, final map[place][2]int64
	counts        []Counts
	drops         []Drop // sorted by partition and offset
	rejected      int64
}

// solve answers a story from scratch, row by row and window by window, under the
// rule "log".
func (s story) solve() answer {
	a := answer{onTime: map[place][2]int64{}, final: map[place][2]int64{}}
	for p, log := range s.logs {
		var c Counts
		frontier := int64(math.MinInt64)
		for i, r := range log {
			if s.mark.AheadMax > 0 && r.time > appendTime(i)+s.mark.AheadMax {
				a.rejected++
				continue
			}
			mark := frontier - s.mark.Bounded
			if frontier == math.MinInt64 {
				mark = frontier
			}
			frontier = max(frontier, r.time)
			if r.v < -15 {
				continue
			}
			c.Rows++
			if r.time < mark {
				c.RowsBehind++
			}
			s.judge(&a, &c, p, i, r, mark)
		}
		a.counts = append(a.counts, c)
	}
	return a
}

func (s story) judge(a *answer, c *Counts, p, i int, r record, mark int64) {
	key := r.key
	if r.null {
		key = "null"
	}
	dropped, windows := int64(0), int64(0)
	for _, end := range s.endsOf(r.time) {
		windows++
		add := func(m map[place][2]int64) {
			at := m[place{key: key, end: end}]
			at[0]++
			if r.v%3 == 0 {
				at[1] += r.v
			}
			m[place{key: key, end: end}] = at
		}
		switch {
		case mark < end:
			c.PairsOnTime++
			add(a.onTime)
			add(a.final)
		case mark-end < s.late.Allowed:
			c.PairsRevised++
			add(a.final)
		default:
			c.PairsDropped++
			dropped++
		}
	}
	if dropped > 0 {
		a.drops = append(a.drops, Drop{Partition: int32(p), Offset: int64(i), Time: r.time, Watermark: mark, Dropped: int32(dropped), Windows: int32(windows)})
		if dropped == windows {
			c.RowsDropped++
		}
	}
}

// sortDrops brings drops into the order of the model, without what it leaves
// out.
func sortDrops(drops []Drop) []Drop {
	for i := range drops {
		drops[i].Key, drops[i].FirstEnd = 0, 0
	}
	slices.SortFunc(drops, func(a, b Drop) int {
		if a.Partition != b.Partition {
			return int(a.Partition - b.Partition)
		}
		return int(a.Offset - b.Offset)
	})
	return drops
}
