package operator

import (
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
)

// newPaneStory draws a story with a trigger.
func newPaneStory(seed uint64, rule flow.Rule) story {
	s := newStory(seed, rule)
	rng := rand.New(rand.NewPCG(seed, 43))
	firings := func(event bool) (f trigger.Firings) {
		limit := func() trigger.Rule {
			r := trigger.Rule{Count: 1 + rng.Int64N(4)}
			switch rng.IntN(3) {
			case 0:
				r = trigger.Rule{Processing: 1 + rng.Int64N(6000)}
			case 1:
				if event && s.window.Size > 1000 {
					r = trigger.Rule{Every: 1 + rng.Int64N(s.window.Size-1), Count: r.Count * rng.Int64N(2)}
				}
			}
			return r
		}
		switch rng.IntN(3) {
		case 0:
			return f
		case 1:
			f.AfterEach = []trigger.Rule{limit(), limit()}
		default:
			f.Rule = limit()
		}
		if rng.IntN(3) == 0 {
			f.OrFinally = limit()
		}
		return f
	}
	s.trigger = &trigger.Spec{
		Early: firings(true), OnTimeIfNew: rng.IntN(2) == 0, ClosingAlways: rng.IntN(2) == 0, Panes: trigger.Mode(rng.IntN(3)),
	}
	if s.trigger.LateNever = rng.IntN(4) == 0; !s.trigger.LateNever {
		s.trigger.Late = firings(false)
	}
	return s
}

// seenPanes is what a telling has seen of the panes of a trigger.
type seenPanes struct {
	last map[place]trigger.Record
	out  int64 // the output watermark, where there is one
}

// takeTriggered applies a pane by its mode, and wants its record to follow the one
// before.
func (w *telling) takeTriggered(p *Pane) {
	if w.seen.last == nil {
		w.seen = seenPanes{last: map[place]trigger.Record{}, out: watermark.None}
	}
	b, _, err := w.path.Results(p)
	if err != nil || b.Rows != len(p.Records) || b.Rows != len(p.Keys) || b.Rows == 0 {
		w.complain("results of %+v: %v", p, err)
		return
	}
	if late := p.Records[0].Timing == trigger.Late; p.Kind != Retraction && !late && p.End-1 < w.seen.out {
		w.complain("%s pane at %d behind the output watermark %d", p.Records[0].Timing, p.End-1, w.seen.out)
	}
	for row := range b.Rows {
		key := b.Columns[0].Value(row).String
		if b.Columns[0].IsNull(row) {
			key = "null"
		}
		at := place{key: key, end: b.Columns[2].Ints[row] * 1000}
		w.applyPane(at, p.Kind == Retraction, p.Records[row], [2]int64{b.Columns[3].Ints[row], b.Columns[4].Ints[row]})
	}
}

func (w *telling) applyPane(at place, back bool, r trigger.Record, value [2]int64) {
	before, shown := w.seen.last[at]
	if back {
		if !shown || r.Index != before.Index || r.Timing != before.Timing || w.got.final[at] != value {
			w.complain("%v: %+v of %v takes back %+v of %v", at, r, value, before, w.got.final[at])
		}
		delete(w.got.final, at)
		return
	}
	if shown != !r.First || shown && (before.Last || r.Index != before.Index+1 || r.Timing < before.Timing ||
		before.Timing == trigger.OnTime && r.Timing == trigger.OnTime) || !shown && r.Index != 0 {
		w.complain("%v: pane %+v behind %+v", at, r, before)
	}
	if r.Timing == trigger.Early && (r.OnTimeIndex != -1 || r.Rows == 0) ||
		r.Timing != trigger.Early && r.OnTimeIndex != max(before.OnTimeIndex, -1)+1 && shown {
		w.complain("%v: pane %+v behind %+v", at, r, before)
	}
	w.seen.last[at] = r
	if w.story.trigger.Panes == trigger.Discarding {
		for i, n := range w.got.final[at] {
			value[i] += n
		}
	} else if _, stands := w.got.final[at]; stands && w.story.trigger.Panes == trigger.Retracting {
		w.complain("%v: pane %+v while another stands", at, r)
	}
	w.got.final[at] = value
	if r.Timing != trigger.Late { // what is shown by then is what is on time
		w.got.onTime[at] = value
	}
}

// checkPanes wants, when nothing waits, the state that the story so far allows: the
// windows with rows that are not forgotten, an accumulator for each of their keys and
// at most two more, and no hold on the output watermark.
func (w *telling) checkPanes() {
	part := w.story
	part.logs = make([][]record, len(w.logs))
	for p := range w.logs {
		part.logs[p] = w.logs[p][:w.next[p]]
	}
	open, cells := map[[2]int64]bool{}, 0
	for at := range part.solve().final {
		lane := 0
		if w.mark.Across == watermark.Own {
			lane = w.laneOf(at.key)
		}
		gone := at.end + w.late.Allowed
		if w.path.last.(*triggered).closed || w.path.Windowed().Watermark(lane) >= gone {
			continue
		}
		cells++
		open[[2]int64{int64(lane), at.end}] = true
	}
	f := w.path.Windowed().State()
	if f.Windows != len(open) || f.Slots < cells || f.Slots > 3*cells {
		w.complain("state %+v with %d windows and %d (key, window)s open", f, len(open), cells)
	}
	if w.mark.Across == watermark.Own {
		return
	}
	out := w.path.last.(*triggered).Output(0)
	if out != w.path.Windowed().Watermark(0) || out < w.seen.out && w.seen.last != nil {
		w.complain("output watermark %d at %d, before %d", out, w.path.Windowed().Watermark(0), w.seen.out)
	}
	w.seen.out = out
}

// laneOf is the partition whose key it is.
func (w *telling) laneOf(key string) int {
	if key == "null" {
		return 0
	}
	return int(key[len(key)-1] - '0')
}

// TestLawTriggered: whatever the trigger, what the early panes and the one on time add
// up to is the value on time without it, and all panes the final value; counts and
// drops are the same; panes follow each other as their records say; the state is
// what the watermark leaves. For random interleavings, batches, save points and buffers.
func TestLawTriggered(t *testing.T) {
	early, closing := 0, 0
	for seed := range uint64(stories / 2) {
		s := newPaneStory(seed, flow.Log)
		want, plan := s.solve(), s.plan(t)
		sortDrops(want.drops)
		for i := range uint64(3) {
			got, problem := s.tell(t, i, plan, func(p *Path) { early++ })
			if d := got.differs(want); d != "" || problem != "" {
				t.Fatalf("%v, trigger %+v, telling %d: %s %s", s, *s.trigger, i, problem, d)
			}
		}
		if s.trigger.ClosingAlways {
			closing++
		}
	}
	if closing == 0 || early == 0 {
		t.Error("the stories are dull")
	}
}

// TestPlantedPaneDefects: the law's test sees each of these, soon.
func TestPlantedPaneDefects(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(*triggered)
	}{
		{"a revision does not wait for the pane on time", func(o *triggered) { o.blind = true }},
		{"the watermark is early", func(o *triggered) { o.mark.Bounded-- }},
		{"panes are shown again", func(o *triggered) { o.spec.Panes = (o.spec.Panes + 1) % 3 }},
		{"windows are forgotten late", func(o *triggered) { o.inputs.late.Allowed += 1000 }},
	} {
		caught := -1
		for seed := 0; seed < 200 && caught < 0; seed++ {
			s := newPaneStory(uint64(seed), flow.Log)
			s.mark.Bounded++
			got, problem := s.tell(t, 0, s.plan(t), func(p *Path) { c.plant(p.last.(*triggered)) })
			want := s.solve()
			sortDrops(want.drops)
			if got.differs(want) != "" || problem != "" {
				caught = seed
			}
		}
		if caught < 0 {
			t.Errorf("%s: not caught", c.name)
		}
		t.Logf("%s: caught by story %d", c.name, caught)
	}
}

// TestLawCorruptPanes flips and cuts saved states, as TestLawCorruptState does.
func TestLawCorruptPanes(t *testing.T) {
	for seed := range uint64(4) {
		s := newPaneStory(seed, flow.Rule(seed%2))
		plan, state := saved(t, s)
		tryLoad(t, s, plan, state)
		for i := range state {
			for _, flip := range []byte{0x01, 0x80} {
				bad := append([]byte(nil), state...)
				bad[i] ^= flip
				tryLoad(t, s, plan, bad)
			}
			tryLoad(t, s, plan, state[:i])
		}
	}
}

func FuzzLoadPanes(f *testing.F) {
	fuzzLoad(f, newPaneStory(5, flow.Log), newPaneStory(6, flow.Operator))
}
