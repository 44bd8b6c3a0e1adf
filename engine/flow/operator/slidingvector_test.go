package operator

import (
	"math"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

func newSlidingScript(t *testing.T, difference int64, rule flow.Rule, allowed int64) *script {
	t.Helper()
	s := newScriptOf(t, window.Slide(difference, 1), flow.Late{Rule: rule, Allowed: allowed})
	s.moving = true
	return s
}

// TestVectorS24Sliding: the values 1 to 7 stand for the vector's rows, so that a sum
// says which are in a window. The vector stops at the window that starts at 12; its
// windows, both ends included, end 10 behind their starts. Nothing is late, so that
// the grace of 5 changes nothing, nor does the rule.
func TestVectorS24Sliding(t *testing.T) {
	for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
		for _, grace := range []int64{0, 5} {
			s := newSlidingScript(t, 10, rule, grace)
			for i, at := range []int64{10, 10, 14, 15, 20, 22, 30} {
				s.value(1, at, int64(i+1))
			}
			s.wm(1000)
			s.want("k1 2=3@[0,11), k1 3=6@[4,15), k1 4=10@[5,16), k1 5=15@[10,21), k1 3=12@[11,22), k1 4=18@[12,23), " +
				"k1 3=15@[15,26), k1 2=11@[16,27), k1 3=18@[20,31), k1 2=13@[21,32), k1 1=7@[23,34)")
		}
	}
}

// TestVectorSlidingLate: at stream time 20 the row at 15 is too late for [5, 15], and
// counts in all windows that are open, of which it makes one.
func TestVectorSlidingLate(t *testing.T) {
	for _, rule := range []flow.Rule{flow.Log, flow.Operator} {
		s := newSlidingScript(t, 10, rule, 0)
		feed(s, 0, 12, 20, 15)
		s.wm(1000)
		s.want("k1 1=1@[-10,1), k1 1=1@[2,13), k1 3=3@[10,21), k1 2=2@[13,24), k1 1=1@[16,27)", 15)
	}
}

// TestVectorSlidingRevised: the same with enough allowed. Its own window is new, and the
// row is on time for those that have not fired.
func TestVectorSlidingRevised(t *testing.T) {
	s := newSlidingScript(t, 10, flow.Log, 5)
	feed(s, 0, 12, 20, 15)
	s.wm(1000)
	s.want("k1 1=1@[-10,1), k1 1=1@[2,13), revision k1 2=2@[5,16), k1 3=3@[10,21), k1 2=2@[13,24), k1 1=1@[16,27)")
	s = newSlidingScript(t, 10, flow.Log, 25)
	feed(s, 0, 12, 30, 5) // in [2, 12], which has fired, and makes [-5, 5] and [6, 16]
	s.wm(1000)
	s.want("k1 1=1@[-10,1), k1 1=1@[2,13), revision k1 2=2@[-5,6), revision k1 1=1@[1,12), revision k1 2=2@[2,13), revision k1 1=1@[6,17), " +
		"k1 1=1@[20,31)")
}

// TestVectorSlidingGrace: a window whose last time is as far behind the stream time as
// the grace period takes rows still, as in Kafka Streams since 3.3 (KAFKA-13739).
// Before, it had to be one less: without a grace period a row was too late for itself.
func TestVectorSlidingGrace(t *testing.T) {
	s := newSlidingScript(t, 5, flow.Operator, 10)
	feed(s, 20, 10)
	s.want("revision k1 1=1@[5,11)")
	s = newSlidingScript(t, 5, flow.Operator, 9)
	feed(s, 20, 10)
	s.want("", 10)
	s = newSlidingScript(t, 5, flow.Operator, 0)
	feed(s, 20, 21)
	s.want("k1 1=1@[15,21)")
}

// TestVectorSlidingGrain: times count as at the grain's multiples, also before 0.
func TestVectorSlidingGrain(t *testing.T) {
	s := newScriptOf(t, window.Slide(20, 10), flow.Late{})
	feed(s, -1, 9, 10, 29)
	s.wm(1000)
	s.want("k1 1=1@[-30,0), k1 2=2@[-20,10), k1 3=3@[-10,20), k1 3=3@[0,30), k1 2=2@[10,40), k1 1=1@[20,50)")
}

// TestVectorSlidingEdges: next to the ends of time there are no windows.
func TestVectorSlidingEdges(t *testing.T) {
	const edge = 12 // difference and twice the grain
	s := newScriptOf(t, window.Slide(10, 1), flow.Late{Allowed: math.MaxInt64})
	feed(s, math.MinInt64, math.MinInt64+edge-1, math.MinInt64+edge, math.MaxInt64-edge, math.MaxInt64-edge+1, math.MaxInt64)
	s.windowed.(*slides).Close()
	s.drain()
	s.want("k1 1=1@[-9223372036854775806,-9223372036854775795), k1 1=1@[9223372036854775785,9223372036854775796)")
	if f := s.windowed.State(); f.Slots != 0 {
		t.Errorf("%+v is left", f)
	}
}
