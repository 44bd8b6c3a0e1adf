package operator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// chainStory is a story whose results are rows of other windows: grouped by whether
// they are of an odd number of rows, so that a revision takes a result to the other
// group, counted, and their sums added up, or the greatest taken, which nothing can
// take back.
type chainStory struct {
	story
	over  window.Spec
	keeps bool // the greatest
}

func newChainStory(seed uint64) chainStory {
	c := chainStory{story: newStory(seed, flow.Log)}
	rng := rand.New(rand.NewPCG(seed, 43))
	if rng.IntN(2) == 0 {
		c.story = newSessionStory(seed, flow.Log)
	}
	c.keeps = rng.IntN(3) == 0
	size := 1000 * (1 + rng.Int64N(20))
	switch rng.IntN(3) {
	case 0:
		c.over = window.Tumble(size, 1000*rng.Int64N(9))
	case 1:
		c.over = window.Hop(size, 1000*(1+rng.Int64N(20)), -1000*rng.Int64N(9))
	default:
		c.over = window.Sessions(size/2+1000-size/2%1000, window.Merge(rng.IntN(2)))
	}
	return c
}

func (c chainStory) String() string {
	return fmt.Sprintf("%v; over it %+v, keeps %t", c.story, c.over, c.keeps)
}

func (c chainStory) plan(t testing.TB) *flow.Plan {
	t.Helper()
	pipeline := *c.story.plan(t).Pipeline
	parse := func(src string) expr.Expr {
		e, err := expr.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	call := func(src string) expr.CallExpr {
		e, err := expr.ParseCall(src)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	second := "sum(v)"
	if c.keeps {
		second = "max(v)"
	}
	pipeline.Steps = append(slices.Clone(pipeline.Steps),
		flow.Step{Filter: parse("n != 7")},
		flow.Step{Project: []flow.Projection{{Name: "odd", Expr: parse("n % 2")}, {Name: "v", Expr: parse("sum")}}},
		flow.Step{KeyBy: []string{"odd"}}, flow.Step{Window: &c.over},
		flow.Step{Aggregates: []flow.Aggregate{{Name: "results", Call: call("count(v)")}, {Name: "total", Call: call(second)}}})
	plan, err := pipeline.Plan(storySchema)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// solve answers the first windows from scratch and then the others, from each of the
// two sets of results.
func (c chainStory) solve() answer {
	first := c.story.solve
	if c.window.Kind == window.Session {
		first = c.solveSessions
	}
	a := first()
	a.onTime, a.final = c.results(a.onTime), c.results(a.final)
	return a
}

// results makes windows of results.
func (c chainStory) results(of map[place][2]int64) map[place][2]int64 {
	type result struct{ time, v int64 }
	groups := map[string][]result{}
	for at, value := range of {
		if value[0] != 7 {
			odd := strconv.FormatInt(value[0]%2, 10)
			groups[odd] = append(groups[odd], result{at.end - 1, value[1]})
		}
	}
	out := map[place][2]int64{}
	add := func(at place, v int64) {
		old, some := out[at]
		switch {
		case !c.keeps:
			out[at] = [2]int64{old[0] + 1, old[1] + v}
		case some:
			out[at] = [2]int64{old[0] + 1, max(old[1], v)}
		default:
			out[at] = [2]int64{1, v}
		}
	}
	for odd, list := range groups {
		slices.SortFunc(list, func(a, b result) int { return int(a.time - b.time) })
		from := 0
		for i, r := range list {
			if c.over.Kind != window.Session {
				low := r.time - c.over.Size - c.over.Every
				for start := low - ((low-c.over.Offset)%c.over.Every+c.over.Every)%c.over.Every; start <= r.time; start += c.over.Every {
					if r.time < start+c.over.Size {
						add(place{odd, start + c.over.Size, start}, r.v)
					}
				}
				continue
			}
			apart := c.over.Size
			if c.over.Merge == window.Touching {
				apart++
			}
			if i+1 == len(list) || list[i+1].time-r.time >= apart {
				for _, member := range list[from : i+1] {
					add(place{odd, r.time + c.over.Size, list[from].time}, member.v)
				}
				from = i + 1
			}
		}
	}
	return out
}

// chainTelling feeds a story of windows over results.
type chainTelling struct {
	*telling
	over window.Spec
}

func (c chainStory) tell(t testing.TB, seed uint64, plan *flow.Plan, plant func(*Path)) (answer, string) {
	w := c.teller(t, seed, plan, plant)
	w.path = w.fresh()
	for w.more() {
		p := w.rng.IntN(len(c.logs))
		n := min(1+w.rng.IntN(6), len(c.logs[p])-w.next[p])
		if n == 0 {
			continue
		}
		w.feed(p, n)
		if w.rng.IntN(4) > 0 { // with an output buffer of one: the state is saved between any two panes
			w.drain(1 + w.rng.IntN(8))
		}
		w.reload()
	}
	w.path.Close()
	w.reload()
	w.drain(math.MaxInt)
	for p := range c.logs {
		w.got.counts = append(w.got.counts, w.path.Windowed().Counts(p))
		w.got.rejected += w.path.Entry().Rejected(p)
	}
	if _, f := w.path.After(0); f.Windows+f.Slices+f.Slots > 0 {
		w.complain("state is left at the end: %+v", f)
	}
	sortDrops(w.got.drops)
	return w.got, w.problem
}

func (c chainStory) teller(t testing.TB, seed uint64, plan *flow.Plan, plant func(*Path)) *chainTelling {
	return &chainTelling{over: c.over, telling: &telling{
		story: c.story, t: t, rng: rand.New(rand.NewPCG(c.seed, seed)), plan: plan, plant: plant,
		dicts: newDicts(len(c.logs)), next: make([]int, len(c.logs)), fired: map[int]int64{},
		got: answer{onTime: map[place][2]int64{}, final: map[place][2]int64{}},
	}}
}

// drain takes up to n panes, moving on to a loaded path between them.
func (w *chainTelling) drain(n int) {
	var p Pane
	for ; n > 0 && w.path.Next(&p); n-- {
		w.take(&p)
		w.reload()
	}
	if err := w.path.Err(); err != nil {
		w.complain("%v", err)
	}
	if n > 0 {
		w.path.Next(&p)
		w.checkBound()
	}
}

func (w *chainTelling) take(p *Pane) {
	b, overflows, err := w.path.Results(p)
	if err != nil || overflows != 0 || len(p.Keys) == 0 {
		w.complain("results of %+v: %d overflows, %v", p, overflows, err)
		return
	}
	for i, key := range p.Keys {
		start, end := p.Window(i)
		at := place{strconv.FormatInt(w.path.Keyer().Value(key, 0).Int, 10), end, start}
		_, stands := w.got.final[at]
		if p.Kind == Retraction {
			if !stands {
				w.complain("%v is retracted and does not stand", at)
			}
			delete(w.got.final, at)
			continue
		}
		value := [2]int64{b.Columns[3].Ints[i], b.Columns[4].Ints[i]}
		if p.Kind == OnTime {
			if _, twice := w.got.onTime[at]; twice || stands || p.Watermark < end {
				w.complain("%v is on time twice, or after a revision, or before %d", at, end)
			}
			w.got.onTime[at] = value
		}
		w.got.final[at] = value
	}
}

// checkBound holds what a link that has nothing to say keeps against what it may:
// results of windows that may change, or whose windows here may, and no more.
func (w *chainTelling) checkBound() {
	l := w.path.links[0]
	if l.kept == nil {
		return
	}
	_, horizon, _ := l.below.outlook()
	settled := l.below.settled(horizon)
	if settled == watermark.None {
		return
	}
	last := func(end int64) int64 { // of the windows that a result's window is in
		s := newSlice(w.over, end-1)
		return s.last
	}
	for n := range l.kept.rows {
		r := &l.kept.rows[n]
		if !r.used {
			continue
		}
		switch book, fixed := l.ledger.(*book); {
		case fixed && book.sums && r.end <= settled:
			w.complain("a result of [%d, %d) is kept, and settled is %d", r.start, r.end, settled)
		case fixed && last(r.end) <= settled:
			w.complain("a result of [%d, %d) is kept, its last window ends at %d, and settled is %d", r.start, r.end, last(r.end), settled)
		}
	}
	switch ledger := l.ledger.(type) {
	case *book:
		for _, p := range ledger.slices {
			if p.last <= settled {
				w.complain("slice %d is kept, and settled is %d", p.start, settled)
			}
		}
	case *spans:
		for key := range ledger.keys {
			k := &ledger.keys[key]
			for _, s := range ledger.made(k, true) {
				if s.end < settled && !slices.ContainsFunc(s.rows, ledger.waits) {
					w.complain("session [%d, %d) of key %d is kept, and settled is %d", s.start, s.end, key, settled)
				}
			}
			if len(k.rows) == 0 && len(k.shown) > 0 {
				w.complain("key %d shows %v of nothing", key, k.shown)
			}
		}
	}
}
