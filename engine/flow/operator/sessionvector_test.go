package operator

import (
	"math"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

func newSessionScript(t *testing.T, gap int64, merge window.Merge, rule flow.Rule, allowed int64) *script {
	t.Helper()
	return newScriptOf(t, window.Sessions(gap, merge), flow.Late{Rule: rule, Allowed: allowed})
}

// TestVectorS10Sessions: the rows come in no order, and no watermark before the
// last.
func TestVectorS10Sessions(t *testing.T) {
	for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
		s := newSessionScript(t, 10, window.Overlapping, rule, 0)
		for _, at := range []int64{1, 15, 30, 100, 101, 95, 22, 10} {
			s.row(1, at)
		}
		s.wm(1000)
		s.want("k1 5=5@[1,40), k1 3=3@[95,111)")
	}
}

func TestVectorS11Sessions(t *testing.T) {
	s := newSessionScript(t, 10, window.Overlapping, flow.Log, 0)
	feed(s, 1, 2, 5, 9, 100, 101)
	s.wm(1000)
	s.want("k1 4=4@[1,19), k1 2=2@[100,111)")
}

// TestVectorS12Touch: sessions that touch are two, or one where touching is enough,
// which then must not fire before a row at their end cannot come any more.
func TestVectorS12Touch(t *testing.T) {
	s := newSessionScript(t, 10, window.Overlapping, flow.Log, 0)
	feed(s, 0, 10, 101)
	s.wm(1000)
	s.want("k1 1=1@[0,10), k1 1=1@[10,20), k1 1=1@[101,111)")
	s = newSessionScript(t, 10, window.Touching, flow.Log, 0)
	feed(s, 0, 10, 101)
	s.wm(1000)
	s.want("k1 2=2@[0,20), k1 1=1@[101,111)")
}

// scriptS16 is the steps that the vectors S16 to S18 share.
func scriptS16(t *testing.T, allowed int64) *script {
	t.Helper()
	s := newSessionScript(t, 3000, window.Touching, flow.Operator, allowed)
	for _, step := range []struct{ row, wm int64 }{
		{row: 1000},
		{wm: 1999},
		{row: 2000},
		{wm: 4998},
		{row: 4500},
		{row: 8500},
		{wm: 7400},
		{row: 7000},
		{wm: 11501},
		{row: 11600},
		{wm: 14600},
		{row: 10000},
		{row: 14500},
		{wm: 20000},
	} {
		if step.wm > 0 {
			s.wm(step.wm)
		} else {
			s.row(1, step.row)
			s.drain()
		}
	}
	return s
}

func TestVectorS16SessionZeroLateness(t *testing.T) {
	s := scriptS16(t, 0)
	s.want("k1 5=5@[1000,11500), k1 1=1@[11600,14600), k1 1=1@[14500,17500)", 10000)
}

// TestVectorS17SessionLateness: a session that has fired rescues a row; it grows
// twice, and each time what it was is retracted.
func TestVectorS17SessionLateness(t *testing.T) {
	s := scriptS16(t, 10)
	s.want("k1 5=5@[1000,11500), k1 1=1@[11600,14600), retraction k1 @[11600,14600), revision k1 2=2@[10000,14600), " +
		"retraction k1 @[10000,14600), revision k1 3=3@[10000,17500)")
}

// TestVectorS18SessionHugeLateness: two sessions that have fired become one.
func TestVectorS18SessionHugeLateness(t *testing.T) {
	s := scriptS16(t, 10_000)
	s.want("k1 5=5@[1000,11500), k1 1=1@[11600,14600), retraction k1 @[1000,11500), retraction k1 @[11600,14600), " +
		"revision k1 7=7@[1000,14600), retraction k1 @[1000,14600), revision k1 8=8@[1000,17500)")
}

// TestVectorS17ByLog: by the rule "log" no session rescues a row. At W = 14601 the
// one at 10000, whose own window is [10000, 13000), is a revision only where so much
// is allowed.
func TestVectorS17ByLog(t *testing.T) {
	s := newSessionScript(t, 3000, window.Touching, flow.Log, 10)
	s.row(1, 11_600)
	s.wm(14_600)
	s.row(1, 10_000)
	s.want("k1 1=1@[11600,14600)", 10_000)
	s = newSessionScript(t, 3000, window.Touching, flow.Log, 1602)
	s.row(1, 11_600)
	s.wm(14_600)
	s.row(1, 10_000)
	s.drain()
	s.want("k1 1=1@[11600,14600), retraction k1 @[11600,14600), revision k1 2=2@[10000,14600)")
}

// TestVectorS25SessionDropped: with an inclusive gap, at stream time 11 the session
// [0, 0] is over when gap and grace have passed: 0 < 11 - 10 - 0.
func TestVectorS25SessionDropped(t *testing.T) {
	for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
		s := newSessionScript(t, 10, window.Touching, rule, 0)
		feed(s, 0, 0, 11, 0)
		s.want("k1 2=2@[0,10)", 0)
	}
}

// TestVectorS26SessionGrace: one more of grace keeps the first late row, at stream
// time 11, not the second, at 12. The rule "log", which judges by the row's own
// window alone, drops both.
func TestVectorS26SessionGrace(t *testing.T) {
	s := newSessionScript(t, 10, window.Touching, flow.Operator, 1)
	feed(s, 0, 0, 11, 0, 12, 0)
	s.want("k1 2=2@[0,10), revision k1 3=3@[0,10)", 0)
	s = newSessionScript(t, 10, window.Touching, flow.Log, 1)
	feed(s, 0, 0, 11, 0, 12, 0)
	s.want("k1 2=2@[0,10)", 0, 0)
}

// TestVectorS27SessionFinal: the final results, of which the vector gives the times
// of the last rows, ours the ends. What it shows raw, every change as it comes, this
// operator does not emit.
func TestVectorS27SessionFinal(t *testing.T) {
	s := newSessionScript(t, 5, window.Touching, flow.Operator, 0)
	s.moving = true
	for _, r := range []struct{ key, at int64 }{{1, 0}, {1, 5}, {1, 1}, {2, 11}, {1, 5}, {1, 30}} {
		s.row(r.key, r.at)
	}
	s.want("k1 3=3@[0,10), k2 1=1@[11,16)", 5)
}

// TestVectorSessionRevisions: revisions that come before their session fires wait
// beside it; one that joins a session on time to one that has fired makes the view
// forget both for one; a session of revisions alone has no pane on time.
func TestVectorSessionRevisions(t *testing.T) {
	s := newSessionScript(t, 10, window.Overlapping, flow.Log, 100)
	s.row(1, 0)
	s.frontier = 15 // the partition is ahead of the operator
	s.row(1, 8)     // a revision
	s.row(1, 17)    // on time
	s.windowed.Advance(0, 15)
	s.drain()
	s.want("k1 1=1@[0,10)") // [0, 27) is not over
	s.wm(39)
	s.want("k1 1=1@[0,10), k1 1=1@[17,27), retraction k1 @[0,10), retraction k1 @[17,27), revision k1 3=3@[0,27)")
	s.row(2, 30)
	s.drain()
	if last := s.panes[len(s.panes)-1]; last != "revision k2 1=1@[30,40)" {
		t.Errorf("last is %s", last)
	}
}

// TestVectorSessionEndOfTime: what lies beyond time is never due, and a row whose
// session would end there has none.
func TestVectorSessionEndOfTime(t *testing.T) {
	for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
		s := newSessionScript(t, 1000, window.Touching, rule, math.MaxInt64)
		s.row(1, math.MaxInt64-1000)
		s.row(1, math.MaxInt64-999)
		s.row(1, math.MaxInt64)
		s.row(1, math.MinInt64)
		s.wm(math.MaxInt64 - 1)
		if c := s.windowed.Counts(0); c.Rows != 4 || c.PairsOnTime != 2 || len(s.dropped) != 0 {
			t.Errorf("rule %s: %+v", rule, c)
		}
		if f := s.windowed.State(); f.Windows != 1 {
			t.Errorf("rule %s: %+v, panes %v", rule, f, s.panes)
		}
	}
}

// TestVectorSessionTimerOfAnotherLane: a session takes the place of one that was
// joined to another, in memory; the timer that was left behind belongs to the other
// partition's watermark and must not fire it.
func TestVectorSessionTimerOfAnotherLane(t *testing.T) {
	story := story{
		window: window.Sessions(10_000, window.Overlapping), mark: watermark.Spec{Bounded: 100_000, Across: watermark.Own},
		logs: [][]record{{{time: 0, key: "a"}, {time: 15_000, key: "a"}, {time: 8000, key: "a"}}, {{time: 0, key: "b"}}}, segment: 9,
	}
	w := &telling{
		story: story, t: t, rng: rand.New(rand.NewPCG(1, 1)), plan: story.plan(t), dicts: make([]*column.Dict, 2), next: make([]int, 2),
		got: answer{onTime: map[place][2]int64{}, final: map[place][2]int64{}},
	}
	w.path = w.fresh()
	w.feed(0, 3)
	w.feed(1, 1)
	w.path.Idle(0, 112_000)
	w.drain(math.MaxInt)
	if w.problem != "" || len(w.got.final) != 0 {
		t.Errorf("%s: shown %v", w.problem, w.got.final)
	}
	w.path.Idle(0, 125_000)
	if w.drain(math.MaxInt); len(w.got.final) != 1 {
		t.Errorf("shown %v", w.got.final)
	}
}
