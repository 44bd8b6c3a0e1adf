package operator

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/window"
)

// paneScript is a script whose panes are printed with their records.
type paneScript struct{ script }

// newPaneScript counts and sums under a trigger, by the rule "operator", as the
// engines of the vectors do.
func newPaneScript(t *testing.T, w window.Spec, allowed int64, spec trigger.Spec) *paneScript {
	t.Helper()
	s := &paneScript{*newScriptOf(t, w, flow.Late{Rule: flow.Operator, Allowed: allowed})}
	if err := spec.Validate(); err != nil {
		t.Fatal(err)
	}
	s.windowed = newTriggered(Config{
		Window: w, Late: flow.Late{Rule: flow.Operator, Allowed: allowed}, Trigger: &spec,
		Functions: countAndSum(t), Partitions: 1,
	})
	return s
}

// take prints the panes that are due, as TIMING index/on-time index count=sum@end-1,
// perhaps with "last" or "back".
func (s *paneScript) take() {
	var p Pane
	for s.windowed.Next(&p) {
		for i, group := range p.Groups {
			r := &p.Records[i]
			text := fmt.Sprintf("%s %d/%d %d=%d@%d", strings.ToUpper(strings.ReplaceAll(r.Timing.String(), "-", "_")), r.Index, r.OnTimeIndex,
				p.Table.Finish(group, 0).Int, p.Table.Finish(group, 1).Int, p.End-1)
			if p.Kind == Retraction {
				text += " back"
			}
			if r.Last {
				text += " last"
			}
			s.panes = append(s.panes, text)
		}
	}
}

// add adds rows of a value each, at one time.
func (s *paneScript) add(at int64, values ...int64) {
	for _, v := range values {
		s.value(1, at, v)
	}
	s.take()
}

// to moves the vectors' watermark: nothing more at or below t.
func (s *paneScript) to(t int64) {
	s.frontier = t + 1
	s.windowed.Advance(0, s.frontier)
	s.take()
}

func (s *paneScript) want(dropped []int64, panes ...string) {
	s.t.Helper()
	if !slices.Equal(s.panes, panes) {
		s.t.Errorf("panes\n got %s\nwant %s", strings.Join(s.panes, ", "), strings.Join(panes, ", "))
	}
	if !slices.Equal(s.dropped, dropped) {
		s.t.Errorf("dropped %v, want %v", s.dropped, dropped)
	}
}

// TestVectorS13LatenessPurging is Flink's answer: its purging trigger forgets what it
// has shown. TestVectorS13Lateness is what accumulating panes say.
func TestVectorS13LatenessPurging(t *testing.T) {
	for _, c := range []struct {
		panes trigger.Mode
		want  []string
	}{
		{trigger.Discarding, []string{"ON_TIME 0/0 2=2@1999", "LATE 1/1 1=1@1999"}},
		{trigger.Accumulating, []string{"ON_TIME 0/0 2=2@1999", "LATE 1/1 3=3@1999"}},
		{trigger.Retracting, []string{"ON_TIME 0/0 2=2@1999", "ON_TIME 0/0 2=2@1999 back", "LATE 1/1 3=3@1999"}},
	} {
		s := newPaneScript(t, window.Tumble(2000, 0), 500, trigger.Spec{Panes: c.panes})
		s.add(500, 1)
		s.to(1500)
		s.add(1300, 1)
		s.to(2300)
		s.add(1997, 1)
		s.to(6000)
		s.add(1998, 1)
		s.want([]int64{1998}, c.want...)
	}
}

// TestVectorS14S15Triggered: with nothing allowed the pane on time is the last.
func TestVectorS14S15Triggered(t *testing.T) {
	s := newPaneScript(t, window.Tumble(2000, 0), 0, trigger.Spec{})
	s.add(1000, 1)
	s.to(1985)
	s.add(1980, 1)
	s.to(1999)
	s.add(1998, 1)
	s.add(2001, 1)
	s.to(2999)
	s.to(3999)
	s.want([]int64{1998}, "ON_TIME 0/0 2=2@1999 last", "ON_TIME 0/0 1=1@3999 last")

	s = newPaneScript(t, window.Hop(3000, 1000, 0), 0, trigger.Spec{Panes: trigger.Discarding})
	for _, step := range []int64{1000, -1999, 2000, -3000, 2400, 2400, 3900, -6000} { // the vector's k2
		if step < 0 {
			s.to(-step)
			continue
		}
		s.add(step, 1)
	}
	s.want([]int64{2400, 2400}, "ON_TIME 0/0 1=1@1999 last", "ON_TIME 0/0 2=2@2999 last", "ON_TIME 0/0 5=5@3999 last",
		"ON_TIME 0/0 4=4@4999 last", "ON_TIME 0/0 1=1@5999 last")
}

// TestVectorS19EndOfTimeTriggered: the end of a window's life lies beyond time.
func TestVectorS19EndOfTimeTriggered(t *testing.T) {
	w := window.Tumble(1000, 0)
	end := w.End(w.Assign(math.MaxInt64-1750, nil)[0])
	s := newPaneScript(t, w, 2000, trigger.Spec{})
	s.add(math.MaxInt64-1750, 1)
	s.to(end - 2)
	s.want(nil)
	s.to(end - 1)
	s.to(math.MaxInt64 - 10)
	if f := s.windowed.State(); f.Windows != 1 {
		t.Errorf("state %+v", f)
	}
	s.add(math.MaxInt64-1750, 1)
	s.want(nil, fmt.Sprintf("ON_TIME 0/0 1=1@%d", end-1), fmt.Sprintf("LATE 1/1 2=2@%d", end-1))
	s.windowed.(*triggered).Close()
	if s.take(); s.windowed.State().Windows != 0 || len(s.panes) != 2 {
		t.Errorf("state %+v, panes %v", s.windowed.State(), s.panes)
	}
}

// TestVectorS35PaneStates is Beam's testPaneInfoAllStates. Its trigger fires when it
// is told to; here the early ones are two by count, and the late ones one and the
// closing pane.
func TestVectorS35PaneStates(t *testing.T) {
	one := trigger.Rule{Count: 1}
	s := newPaneScript(t, window.Tumble(10, 0), 100, trigger.Spec{
		Early: trigger.Firings{AfterEach: []trigger.Rule{one, one}}, Late: trigger.Firings{AfterEach: []trigger.Rule{one}}, Panes: trigger.Discarding,
	})
	s.add(1, 1)
	s.add(1, 2)
	s.add(1, 3)
	s.to(15)
	s.add(1, 4)
	s.add(1, 5)
	s.to(109)
	s.want(nil, "EARLY 0/-1 1=1@9", "EARLY 1/-1 1=2@9", "ON_TIME 2/0 1=3@9", "LATE 3/1 1=4@9", "LATE 4/2 1=5@9 last")
}

// TestVectorS49AccumulatingPanes is Beam's: on time {1,2,3}, final {1,…,5}.
func TestVectorS49AccumulatingPanes(t *testing.T) {
	const minute = 60_000_000
	s := newPaneScript(t, window.Tumble(5*minute, 0), 5*minute, trigger.Spec{Late: trigger.Firings{Rule: trigger.Rule{Count: 2}}})
	s.add(0, 1, 2, 3)
	s.to(6*minute - 1)
	s.add(0, 4, 5)
	s.to(20*minute - 1)
	s.add(0, -1, -2, -3)
	at := fmt.Sprint("@", 5*minute-1)
	s.want([]int64{0, 0, 0}, "ON_TIME 0/0 3=6"+at, "LATE 1/1 5=15"+at)
}

// TestVectorS50Discarding is Beam's: two rows make an early pane, late ones wait for
// the closing one.
func TestVectorS50Discarding(t *testing.T) {
	s := newPaneScript(t, window.Tumble(1000, 0), 5000, trigger.Spec{
		Early: trigger.Firings{Rule: trigger.Rule{Count: 2}}, LateNever: true, Panes: trigger.Discarding,
	})
	s.add(100, 100)
	s.add(200, 200)
	s.add(500, 500)
	s.to(999)
	s.add(750, 750)
	s.add(250, 250)
	s.to(math.MaxInt64 - 1)
	s.want(nil, "EARLY 0/-1 2=300@999", "ON_TIME 1/0 1=500@999", "LATE 2/1 2=1000@999 last")
}

// TestVectorS51S52Triggered: after-each and or-finally in the operator.
func TestVectorS51S52Triggered(t *testing.T) {
	count := func(n int64) trigger.Rule { return trigger.Rule{Count: n} }
	for _, c := range []struct {
		early trigger.Firings
		want  []string
	}{
		{trigger.Firings{AfterEach: []trigger.Rule{count(2), count(1), count(3)}}, []string{"EARLY 0/-1 2=2@9", "EARLY 1/-1 3=3@9", "EARLY 2/-1 6=6@9"}},
		{trigger.Firings{Rule: count(2), OrFinally: count(7)}, []string{
			"EARLY 0/-1 2=2@9", "EARLY 1/-1 4=4@9", "EARLY 2/-1 6=6@9", "EARLY 3/-1 7=7@9",
		}},
	} {
		s := newPaneScript(t, window.Tumble(10, 0), 0, trigger.Spec{Early: c.early})
		s.add(3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
		s.to(9)
		s.want(nil, append(c.want, fmt.Sprintf("ON_TIME %d/0 10=10@9 last", len(c.want)))...)
	}
}

// TestVectorEmptyPanes: the pane on time comes even if early ones have said it all,
// unless it is asked not to; the closing one comes empty only where it is asked to.
func TestVectorEmptyPanes(t *testing.T) {
	for _, c := range []struct {
		ifNew, always bool
		allowed       int64
		want          []string
	}{
		{false, false, 5, []string{"ON_TIME 1/0 0=0@9"}},
		{true, false, 5, nil},
		{false, true, 5, []string{"ON_TIME 1/0 0=0@9", "LATE 2/1 0=0@9 last"}},
		{true, true, 5, []string{"LATE 1/0 0=0@9 last"}},
		{true, true, 0, []string{"ON_TIME 1/0 0=0@9 last"}},
	} {
		s := newPaneScript(t, window.Tumble(10, 0), c.allowed, trigger.Spec{
			Early: trigger.Firings{Rule: trigger.Rule{Count: 1}}, OnTimeIfNew: c.ifNew, ClosingAlways: c.always, Panes: trigger.Discarding,
		})
		s.add(3, 1)
		s.to(9)
		s.to(100)
		s.want(nil, append([]string{"EARLY 0/-1 1=1@9"}, c.want...)...)
	}
}

// TestVectorClock: the clock is the greatest append time, and moves before the row
// that moves it is counted.
func TestVectorClock(t *testing.T) {
	s := newPaneScript(t, window.Tumble(1000, 0), 0, trigger.Spec{Early: trigger.Firings{Rule: trigger.Rule{Processing: 10}}})
	for _, at := range []int64{100, 105, 103, 109, 110, 300} { // append times, in the script, are event times
		s.add(at, 1)
	}
	s.want(nil, "EARLY 0/-1 4=4@999", "EARLY 1/-1 5=5@999")
}
