package operator

import (
	"errors"
	"math"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// TestVectorNumbered: rows count in the order of their times once the watermark has
// passed them, a late one not at all; the last window is not full and never fires.
func TestVectorNumbered(t *testing.T) {
	for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
		s := newScriptOf(t, window.Count(2), flow.Late{Rule: rule})
		s.value(1, 30, 1)
		s.value(1, 10, 2)
		s.value(2, 20, 4)
		s.value(1, 20, 8)
		s.wm(9)
		s.want("")
		s.wm(19)
		s.value(1, 19, 16)
		s.value(1, 20, 32)
		s.want("", 19)
		s.wm(20)
		s.want("k1 2=10@[0,2)", 19)
		s.wm(1000)
		s.want("k1 2=10@[0,2), k1 2=33@[2,4)", 19)
		if f := s.windowed.State(); f.Windows != 1 || f.Slots != 1 || f.Keys != 2 {
			t.Errorf("state %+v", f)
		}
		s.windowed.(*numbered).Close()
		s.drain()
		if f := s.windowed.State(); f.Windows+f.Slots != 0 || s.windowed.Counts(0).PairsOnTime != 5 {
			t.Errorf("state %+v, counts %+v", f, s.windowed.Counts(0))
		}
		s.want("k1 2=10@[0,2), k1 2=33@[2,4)", 19)
	}
}

// TestVectorNumberedEdges: rows at the ends of time count like others.
func TestVectorNumberedEdges(t *testing.T) {
	s := newScriptOf(t, window.Count(1), flow.Late{})
	s.value(1, math.MaxInt64, 1)
	s.value(1, math.MinInt64, 2)
	s.frontier = math.MaxInt64
	s.advance()
	s.want("k1 1=2@[0,1)")
	s.value(1, math.MaxInt64, 4)
	s.windowed.(*numbered).Close()
	s.drain()
	s.want("k1 1=2@[0,1), k1 1=1@[1,2), k1 1=4@[2,3)")
}

// TestVectorNumberedFrontier: a row that should have been counted before is an error.
func TestVectorNumberedFrontier(t *testing.T) {
	s := newNumbered(Config{
		Window: window.Count(3), Functions: countAndSum(t), Partitions: 1, Watermark: watermark.Spec{},
	})
	s.Advance(0, 100)
	b := &column.Batch{Rows: 1, Times: []int64{50}, Appends: []int64{50}, Frontiers: []int64{40}}
	in := &aggregate.Input{Args: [][]*column.Column{nil, {{Type: column.TypeOf(column.Int64), Ints: []int64{1}}}}, Batch: b}
	if err := s.Add(b, in, []uint32{0}, 1); !errors.Is(err, ErrFrontier) {
		t.Errorf("got %v", err)
	}
}
