package operator

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// scripted is an operator of windows.
type scripted interface {
	Tally
	Add(b *column.Batch, in *aggregate.Input, keys []uint32, keyCount int) error
	Advance(partition int, frontier int64)
	Next(p *Pane) bool
}

// script drives an operator of one partition, count and sum of int64 by an int64
// key, as the conformance vectors are written.
type script struct {
	t        *testing.T
	windowed scripted
	keyer    *Keyer
	frontier int64
	moving   bool // rows move the frontier; else only wm does
	offset   int64
	panes    []string
	dropped  []int64
}

func newScript(t *testing.T, w window.Spec, allowed int64) *script {
	t.Helper()
	return newScriptOf(t, w, flow.Late{Allowed: allowed})
}

// countAndSum is what the scripts compute.
func countAndSum(t *testing.T) []aggregate.Function {
	t.Helper()
	count, errC := aggregate.New(aggregate.Call{Name: "count"})
	sum, errS := aggregate.New(aggregate.Call{Name: "sum", Args: []column.Type{column.TypeOf(column.Int64)}})
	if errC != nil || errS != nil {
		t.Fatal(errC, errS)
	}
	return []aggregate.Function{count, sum}
}

func newScriptOf(t *testing.T, w window.Spec, late flow.Late) *script {
	t.Helper()
	s := &script{t: t, keyer: NewKeyer([]column.Type{column.TypeOf(column.Int64)}, 1), frontier: column.NoFrontier}
	config := Config{Window: w, Late: late, Functions: countAndSum(t), Partitions: 1, CountAt: 1}
	s.windowed = newWindows(config)
	return s
}

// row adds a row of value 1.
func (s *script) row(key, at int64) { s.value(key, at, 1) }

func (s *script) value(key, at, v int64) {
	b := &column.Batch{Offset: s.offset, Rows: 1, Times: []int64{at}, Appends: []int64{at}, Frontiers: []int64{s.frontier}}
	s.offset++
	ints := func(v int64) *column.Column {
		return &column.Column{Type: column.TypeOf(column.Int64), Ints: []int64{v}}
	}
	keys := make([]uint32, 1)
	s.keyer.Number(b, []*column.Column{ints(key)}, keys)
	in := &aggregate.Input{Args: [][]*column.Column{nil, {ints(v)}}, Batch: b}
	if err := s.windowed.Add(b, in, keys, s.keyer.Len()); err != nil {
		s.t.Fatal(err)
	}
	for _, d := range s.windowed.Drops() {
		s.dropped = append(s.dropped, d.Time)
	}
	if s.moving {
		s.frontier = max(s.frontier, at)
		s.advance()
	}
}

// wm is the vectors' watermark: nothing more at or below t.
func (s *script) wm(t int64) {
	s.frontier = t + 1
	s.advance()
}

func (s *script) advance() {
	s.windowed.Advance(0, s.frontier)
	s.drain()
}

func (s *script) drain() {
	var p Pane
	for s.windowed.Next(&p) {
		for i, key := range p.Keys {
			start, end := p.Window(i)
			name := s.keyer.Value(key, 0).Int
			if p.Kind == Retraction {
				s.panes = append(s.panes, fmt.Sprintf("%s k%d @[%d,%d)", p.Kind, name, start, end))
				continue
			}
			s.panes = append(s.panes, fmt.Sprintf("%s k%d %d=%d@[%d,%d)", p.Kind, name,
				p.Table.Finish(p.Groups[i], 0).Int, p.Table.Finish(p.Groups[i], 1).Int, start, end))
		}
	}
}

// want compares the panes, without "on-time ", and the times of dropped rows.
func (s *script) want(panes string, dropped ...int64) {
	s.t.Helper()
	if got := strings.ReplaceAll(strings.Join(s.panes, ", "), "on-time ", ""); got != panes {
		s.t.Errorf("panes\n got %s\nwant %s", got, panes)
	}
	if !slices.Equal(s.dropped, dropped) {
		s.t.Errorf("dropped %v, want %v", s.dropped, dropped)
	}
}

// TestVectorS13Lateness: where the vector's purging trigger counts the late row
// alone, panes here are accumulating.
func TestVectorS13Lateness(t *testing.T) {
	s := newScript(t, window.Tumble(2000, 0), 500)
	s.row(1, 500)
	s.wm(1500)
	s.row(1, 1300)
	s.wm(2300)
	s.row(1, 1997)
	s.wm(6000)
	s.row(1, 1998)
	s.want("k1 2=2@[0,2000), revision k1 3=3@[0,2000)", 1998)
}

func TestVectorS14DropTumbling(t *testing.T) {
	s := newScript(t, window.Tumble(2000, 0), 0)
	s.row(1, 1000)
	s.wm(1985)
	s.row(1, 1980)
	s.wm(1999)
	s.row(1, 1998)
	s.row(1, 2001)
	s.wm(2999)
	s.wm(3999)
	s.want("k1 2=2@[0,2000), k1 1=1@[2000,4000)", 1998)
}

func TestVectorS15DropSliding(t *testing.T) {
	s := newScript(t, window.Hop(3000, 1000, 0), 0)
	s.row(2, 1000)
	s.wm(1999)
	s.row(2, 2000)
	s.wm(3000)
	s.row(1, 3001)
	s.row(2, 2400)
	s.row(2, 2400)
	s.row(1, 3001)
	s.row(2, 3900)
	s.wm(6000)
	s.row(1, 3001)
	s.want("k2 1=1@[-1000,2000), k2 2=2@[0,3000), k2 5=5@[1000,4000), k1 2=2@[1000,4000), "+
		"k2 4=4@[2000,5000), k1 2=2@[2000,5000), k2 1=1@[3000,6000), k1 2=2@[3000,6000)", 2400, 2400, 3001)
	if c := s.windowed.Counts(0); c.RowsDropped != 1 || c.PairsDropped != 5 {
		t.Errorf("%+v: want 1 row dropped from all windows, two more from one each", c)
	}
}

// TestVectorS19EndOfTime: a window whose lateness ends beyond time is kept.
func TestVectorS19EndOfTime(t *testing.T) {
	s := newScript(t, window.Tumble(1000, 0), 2000)
	s.row(1, math.MaxInt64-1750)
	end := window.Tumble(1000, 0).End(window.Tumble(1000, 0).Assign(math.MaxInt64-1750, nil)[0])
	s.wm(end - 2)
	s.want("")
	s.wm(end - 1)
	if s.wm(math.MaxInt64 - 10); len(s.panes) != 1 || s.windowed.State().Windows != 1 {
		t.Errorf("panes %v, state %+v", s.panes, s.windowed.State())
	}
	s.row(1, math.MaxInt64-1750)
	if s.drain(); len(s.panes) != 2 || len(s.dropped) != 0 {
		t.Errorf("panes %v, dropped %v", s.panes, s.dropped)
	}
}

// feed adds rows that move the frontier, as stream time does in the vectors
// S20 to S23, whose last counts are final.
func feed(s *script, times ...int64) {
	s.moving = true
	for _, at := range times {
		s.row(1, at)
	}
}

func TestVectorS20Grace(t *testing.T) {
	s := newScript(t, window.Tumble(2, 0), 1)
	feed(s, 0, 1, 2, 1, 0, 5, 0)
	s.want("k1 2=2@[0,2), revision k1 3=3@[0,2), revision k1 4=4@[0,2), k1 1=1@[2,4)", 0)
}

func TestVectorS21GraceLargeJump(t *testing.T) {
	s := newScript(t, window.Tumble(2, 0), 2)
	feed(s, 0, 1, 2, 0, 3, 0, 4, 0, 30)
	s.want("k1 2=2@[0,2), revision k1 3=3@[0,2), revision k1 4=4@[0,2), k1 2=2@[2,4), k1 1=1@[4,6)", 0)
}

// TestVectorS22Counters: seven pairs are dropped in windows that begin at 0 or
// later, as in the vector; five more in [-5,5), which its engine does not have, and
// Flink and Beam do. Five rows are lost altogether.
func TestVectorS22Counters(t *testing.T) {
	for _, clamp := range []bool{true, false} {
		w, pairs := window.Hop(10, 5, 0), int64(7)
		if w.Clamp = clamp; !clamp {
			pairs += 5
		}
		s := newScript(t, w, 90)
		feed(s, 100, 0, 1, 2, 3, 4, 5, 6, 105, 106)
		if c := s.windowed.Counts(0); c.PairsDropped != pairs || c.RowsDropped != 5 || c.RowsBehind != 7 || c.PairsRevised != 2 {
			t.Errorf("clamp %t: %+v", clamp, c)
		}
		if !slices.Contains(s.panes, "revision k1 2=2@[5,15)") {
			t.Errorf("[5,15) does not keep {5,6}: %s", s.panes)
		}
	}
}

func TestVectorS23GraceTumbling(t *testing.T) {
	s := newScript(t, window.Tumble(10, 0), 90)
	feed(s, 200, 100, 101, 102, 103, 104, 105, 6)
	s.want("", 100, 101, 102, 103, 104, 105, 6)
}

// TestVectorS49Accumulating: on time {1,2,3}, final {1,…,5}.
func TestVectorS49Accumulating(t *testing.T) {
	const minute = 60_000_000
	s := newScript(t, window.Tumble(5*minute, 0), 5*minute)
	for v := range int64(3) {
		s.value(1, 0, v+1)
	}
	s.wm(6*minute - 1)
	s.value(1, 0, 4)
	s.value(1, 0, 5)
	s.drain()
	s.wm(20*minute - 1)
	for v := range int64(3) {
		s.value(1, 0, -1-v)
	}
	s.want(fmt.Sprintf("k1 3=6@[0,%d), revision k1 5=15@[0,%d)", 5*minute, 5*minute), 0, 0, 0)
}

// TestVectorFrontiersGoBack: frontiers that contradict each other are an error,
// not a wrong answer.
func TestVectorFrontiersGoBack(t *testing.T) {
	s := newScript(t, window.Tumble(10, 0), 0)
	s.row(1, 3)
	s.wm(20)
	b := &column.Batch{Rows: 1, Times: []int64{4}, Appends: []int64{4}, Frontiers: []int64{5}}
	in := &aggregate.Input{Args: [][]*column.Column{nil, {{Type: column.TypeOf(column.Int64), Ints: []int64{1}}}}, Batch: b}
	if err := s.windowed.Add(b, in, []uint32{0}, 1); err == nil || !strings.Contains(err.Error(), ErrFrontier.Error()) {
		t.Errorf("error %v, want %v", err, ErrFrontier)
	}
}

// TestVectorOperatorRule: under the operator's rule the slow partition holds the
// watermark, so a row late in its own partition is on time.
func TestVectorOperatorRule(t *testing.T) {
	for _, c := range []struct {
		rule  flow.Rule
		class watermark.Class
	}{{flow.Log, watermark.Dropped}, {flow.Operator, watermark.OnTime}} {
		count, err := aggregate.New(aggregate.Call{Name: "count"})
		if err != nil {
			t.Fatal(err)
		}
		w := NewWindowed(Config{
			Window: window.Tumble(10, 0), Late: flow.Late{Rule: c.rule}, Functions: []aggregate.Function{count}, Partitions: 2, CountAt: 1,
		})
		w.Advance(1, 5)
		w.Advance(0, 100)
		b := &column.Batch{Rows: 1, Times: []int64{3}, Appends: []int64{3}, Frontiers: []int64{100}}
		if err := w.Add(b, &aggregate.Input{Args: [][]*column.Column{nil}, Batch: b}, []uint32{0}, 1); err != nil {
			t.Fatal(err)
		}
		got := [...]int64{w.Counts(0).PairsOnTime, w.Counts(0).PairsRevised, w.Counts(0).PairsDropped}
		if got[c.class] != 1 {
			t.Errorf("rule %s: %+v, want %s", c.rule, w.Counts(0), c.class)
		}
	}
}
