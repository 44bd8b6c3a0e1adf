package operator

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// telling is one way to feed a story to the operator: how partitions interleave,
// where batches are cut, when panes are asked for, and when the state is saved
// and loaded into a fresh operator.
type telling struct {
	story
	t       testing.TB
	rng     *rand.Rand
	plan    *flow.Plan
	path    *Path
	plant   func(*Path) // a defect, or nil
	dicts   []*column.Dict
	next    []int // by partition
	got     answer
	fired   map[int]int64 // by lane: last end
	seen    seenPanes     // under a trigger
	problem string
	drains  int // of all that was due
}

// tell feeds the story in a random way and returns what came out; problem is
// what was wrong with the panes themselves.
func (s story) tell(t testing.TB, seed uint64, plan *flow.Plan, plant func(*Path)) (answer, string) {
	w := &telling{
		story: s, t: t, rng: rand.New(rand.NewPCG(s.seed, seed)), plan: plan, plant: plant,
		dicts: make([]*column.Dict, len(s.logs)), next: make([]int, len(s.logs)), fired: map[int]int64{},
		got: answer{onTime: map[place][2]int64{}, final: map[place][2]int64{}},
	}
	w.path = w.fresh()
	for w.more() {
		p := w.rng.IntN(len(s.logs))
		n := min(1+w.rng.IntN(6), len(s.logs[p])-w.next[p])
		if n == 0 {
			continue
		}
		w.feed(p, n)
		if w.rng.IntN(4) > 0 {
			w.drain(1 + w.rng.IntN(8))
		}
		w.reload()
	}
	w.path.Close()
	w.reload()
	w.drain(math.MaxInt)
	for p := range s.logs {
		w.got.counts = append(w.got.counts, w.path.Windowed().Counts(p))
		w.got.rejected += w.path.Entry().Rejected(p)
	}
	if f := w.path.Windowed().State(); f.Windows+f.Slices+f.Slots > 0 {
		w.complain("state is left at the end: %+v", f)
	}
	sortDrops(w.got.drops)
	return w.got, w.problem
}

func (w *telling) complain(format string, args ...any) {
	if w.problem == "" {
		w.problem = fmt.Sprintf(format, args...)
	}
}

func (w *telling) fresh() *Path {
	path := NewPath(w.plan, len(w.logs))
	if few := w.rng.IntN(4); path.sliced != nil {
		path.sliced.pool.few = []int{0, 1, 2, denseKeys}[few]
		for i := range path.sliced.lanes { // also for windows that are not long
			path.sliced.lanes[i].sums.on = few%2 == 0 || path.sliced.lanes[i].sums.on
		}
	}
	if w.plant != nil {
		w.plant(path)
	}
	return path
}

func (w *telling) more() bool {
	for p := range w.logs {
		if w.next[p] < len(w.logs[p]) {
			return true
		}
	}
	return false
}

// feed processes the next records of a partition, up to n, within its segment.
func (w *telling) feed(p, n int) {
	at := w.next[p]
	if at%w.segment == 0 {
		w.dicts[p] = new(column.Dict)
	}
	n = min(n, w.segment-at%w.segment)
	b := column.Batch{Schema: storySchema, Partition: int32(p), Offset: int64(at), Rows: n, Columns: make([]column.Column, 2)}
	b.Columns[0].Reset(storySchema[0].Type, w.dicts[p])
	b.Columns[1].Reset(storySchema[1].Type, nil)
	for i, r := range w.logs[p][at : at+n] {
		b.Columns[0].Append(column.Value{String: r.key, Null: r.null})
		b.Columns[1].Append(column.Value{Int: r.v})
		b.Times = append(b.Times, r.time)
		b.Appends = append(b.Appends, appendTime(at+i))
	}
	w.next[p] += n
	if err := w.path.Process(&b); err != nil {
		w.complain("partition %d, offset %d: %v", p, at, err)
	}
	w.got.drops = append(w.got.drops, w.path.Windowed().Drops()...)
}

// drain takes up to n panes.
func (w *telling) drain(n int) {
	var p Pane
	for ; n > 0 && w.path.Next(&p); n-- {
		w.take(&p)
	}
	switch {
	case n == 0:
	case w.trigger != nil:
		w.checkPanes()
	case w.window.Kind == window.Session:
		w.checkState()
		w.checkSessions()
		w.checkShown()
	case w.window.Numbered():
		w.checkNumbered()
	case w.window.Kind == window.Sliding:
		w.checkTracks()
		w.checkSlid()
	default:
		if w.drains++; w.drains%4 == 0 { // it begins anew each time
			w.checkKept()
		}
	}
}

func (w *telling) take(p *Pane) {
	if w.trigger != nil {
		w.takeTriggered(p)
		return
	}
	if w.window.Numbered() {
		w.takeNumbered(p)
		return
	}
	if w.window.ByRows() {
		w.takeSessions(p)
		return
	}
	if p.Start != w.window.Start(p.End) || p.Watermark < p.End || len(p.Keys) == 0 || !slices.IsSorted(p.Keys) {
		w.complain("pane %+v", p)
	}
	b, overflows, err := w.path.Results(p)
	if err != nil || overflows != 0 {
		w.complain("results of %+v: %d overflows, %v", p, overflows, err)
		return
	}
	for row := range b.Rows {
		key := b.Columns[0].Value(row).String
		if b.Columns[0].IsNull(row) {
			key = "null"
		}
		at := place{key: key, end: b.Columns[2].Ints[row] * 1000}
		value := [2]int64{b.Columns[3].Ints[row], b.Columns[4].Ints[row]}
		if p.Kind == OnTime {
			if _, twice := w.got.onTime[at]; twice {
				w.complain("%v is on time twice", at)
			}
			if _, early := w.got.final[at]; early {
				w.complain("%v is on time after a revision", at)
			}
			w.got.onTime[at] = value
		}
		w.got.final[at] = value
	}
	lane := 0
	if w.mark.Across == watermark.Own {
		return // lanes cannot be told apart by their panes
	}
	if last, ok := w.fired[lane]; p.Kind == OnTime && ok && last >= p.End {
		w.complain("window %d fires after %d", p.End, last)
	} else if p.Kind == OnTime {
		w.fired[lane] = p.End
	}
}

// reload sometimes moves on to a fresh operator with the saved state.
func (w *telling) reload() {
	if w.rng.IntN(3) > 0 {
		return
	}
	saved := w.path.AppendTo(nil)
	path := w.fresh()
	rest, err := path.Load(saved)
	if err != nil || len(rest) != 0 {
		w.complain("load: %v, %d bytes left", err, len(rest))
		return
	}
	if again := path.AppendTo(nil); !bytes.Equal(saved, again) {
		w.complain("saved state changes by saving it again:\n%x\n%x", saved, again)
	}
	w.path = path
}

// differs says how two answers differ, or "".
func (a answer) differs(b answer) string {
	switch {
	case !maps.Equal(a.onTime, b.onTime):
		return fmt.Sprintf("on time %v, want %v", a.onTime, b.onTime)
	case !maps.Equal(a.final, b.final):
		return fmt.Sprintf("final %v, want %v", a.final, b.final)
	case !slices.Equal(a.counts, b.counts):
		return fmt.Sprintf("counts %+v, want %+v", a.counts, b.counts)
	case !slices.Equal(a.drops, b.drops):
		return fmt.Sprintf("drops %+v, want %+v", a.drops, b.drops)
	case a.rejected != b.rejected:
		return fmt.Sprintf("rejected %d, want %d", a.rejected, b.rejected)
	}
	return ""
}

const (
	stories  = 2000
	tellings = 5 // of each
)

// TestLawInterleaving: on-time and final values of every (key, window), all
// counts and all drops are those of a from-scratch model, for 10,000 random
// interleavings, batch sizes and save points of 1 to 4 partitions, tumbling and
// hopping, with and without allowed lateness, across min and own.
func TestLawInterleaving(t *testing.T) {
	var sum Counts
	for seed := range uint64(stories) {
		s := newStory(seed, flow.Log)
		plan := s.plan(t)
		want := s.solve()
		for _, c := range want.counts {
			sum.Add(c)
		}
		for i := range uint64(tellings) {
			got, problem := s.tell(t, i, plan, nil)
			if d := got.differs(want); d != "" || problem != "" {
				t.Fatalf("%v, telling %d: %s %s", s, i, problem, d)
			}
		}
	}
	if sum.PairsOnTime < stories || sum.PairsRevised < stories/2 || sum.PairsDropped < stories || sum.RowsDropped < stories/2 {
		t.Errorf("the stories are dull: %+v", sum)
	}
}

// TestLawOperatorRuleDepends: under late: {rule: operator} the same log gives
// different answers when it interleaves otherwise; that is the rule's fault, and
// the test finds it. With one partition nothing can interleave and the answers
// agree.
func TestLawOperatorRuleDepends(t *testing.T) {
	differing, alone := 0, 0
	for seed := range uint64(stories / 4) {
		s := newStory(seed, flow.Operator)
		plan := s.plan(t)
		first, problem := s.tell(t, 0, plan, nil)
		second, again := s.tell(t, 1, plan, nil)
		if problem != "" || again != "" {
			t.Fatalf("%v: %s %s", s, problem, again)
		}
		d := second.differs(first)
		if d != "" {
			differing++
		}
		if len(s.logs) == 1 || s.mark.Across == watermark.Own {
			alone++
			if d != "" {
				t.Fatalf("%v: %s", s, d)
			}
		}
	}
	if differing == 0 || alone == 0 {
		t.Errorf("%d stories whose interleavings differ, %d that have none", differing, alone)
	}
	t.Logf("%d of %d stories give other answers when they interleave otherwise", differing, stories/4)
}

// TestPlantedDefects: the law's test sees each of these, soon.
func TestPlantedDefects(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(*Path)
	}{
		{"watermark off by one", func(p *Path) { p.sliced.mark.Bounded-- }},
		{"window end inclusive", func(p *Path) { p.sliced.window.Offset++; p.sliced.shift = 1 }},
		{"dictionary reused across segments", func(p *Path) { p.first.keyer.stale = true }},
		{"revision counted on time", func(p *Path) { p.Plant("mixed") }},
		{"state freed too early", func(p *Path) { p.Plant("hasty") }},
		{"state never freed", func(p *Path) { p.Plant("hoard") }},
		{"running sums leave out what enters late", func(p *Path) { p.sliced.deaf = true }},
	} {
		caught, after := 0, 0
		for seed := range uint64(200) {
			s := newStory(seed, flow.Log)
			s.mark.Bounded++
			got, problem := s.tell(t, 0, s.plan(t), c.plant)
			if d := got.differs(s.solve()); d != "" || problem != "" {
				if caught++; caught == 1 {
					after = int(seed) + 1
				}
			}
		}
		if caught == 0 {
			t.Errorf("%s: not caught", c.name)
		}
		t.Logf("%s: caught by %d of 200 stories, first after %d", c.name, caught, after)
	}
}
