package oracle

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// TestVectorS24Sliding: the vector, which stops at the window that starts at 12, and
// the others. Its windows end, inclusively, 10 behind their starts.
func TestVectorS24Sliding(t *testing.T) {
	want := "2@[0,11) 3@[4,15) 4@[5,16) 5@[10,21) 3@[11,22) 4@[12,23) 3@[15,26) 2@[16,27) 3@[20,31) 2@[21,32) 1@[23,34)"
	for _, late := range []flow.Late{{}, {Allowed: 5}, {Rule: flow.Operator, Allowed: 5}} {
		onTime, final, r := visits(t, window.Slide(10, 1), late, steps(10, 10, 14, 15, 20, 22, 30))
		if onTime != want || final != want || len(r.Drops) != 0 || r.All.Windows != 11 || r.All.PairsOnTime != 7 {
			t.Errorf("%+v: on time %s, final %s, %+v", late, onTime, final, r.All)
		}
	}
}

// TestVectorSlidingLate: see the operator's tests of this name.
func TestVectorSlidingLate(t *testing.T) {
	for _, c := range []struct {
		allowed       int64
		times         []int64
		onTime, final string
		dropped       int
	}{
		{
			0,
			[]int64{0, 12, 20, 15},
			"1@[-10,1) 1@[2,13) 3@[10,21) 2@[13,24) 1@[16,27)", "1@[-10,1) 1@[2,13) 3@[10,21) 2@[13,24) 1@[16,27)", 1,
		},
		{
			25,
			[]int64{0, 12, 30, 5},
			"1@[-10,1) 1@[2,13) 1@[20,31)", "1@[-10,1) 2@[-5,6) 1@[1,12) 2@[2,13) 1@[6,17) 1@[20,31)", 0,
		},
	} {
		onTime, final, r := visits(t, window.Slide(10, 1), flow.Late{Allowed: c.allowed}, steps(c.times...))
		if onTime != c.onTime || final != c.final || len(r.Drops) != c.dropped || r.All.RowsDropped != 0 {
			t.Errorf("allowed %d: on time %s, final %s, %+v", c.allowed, onTime, final, r.All)
		}
	}
}

// TestVectorSlidingCensus: the row at 2 is dropped from the two windows that hold it,
// its own and that of the row at 4, of the five that there would be.
func TestVectorSlidingCensus(t *testing.T) {
	_, final, r := visits(t, window.Slide(3, 1), flow.Late{}, steps(4, 30, 2))
	if final != "1@[1,5) 1@[27,31)" || r.All.Windows != 4 || r.All.WindowsIncomplete != 2 || r.All.RowsDropped != 1 {
		t.Errorf("final %s, %+v", final, r.All)
	}
}

// TestLawSlidingDistinct: where nothing is late, the windows are the different sets of
// rows that any window of the length holds, wherever it starts, each named by the first
// start.
func TestLawSlidingDistinct(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		difference := rapid.Int64Range(0, 12).Draw(rt, "difference")
		times := rapid.SliceOfN(rapid.Int64Range(-30, 30), 1, 10).Draw(rt, "times")
		slices.Sort(times)
		var want []string
		last := ""
		for start := int64(-60); start <= 60; start++ {
			held := slices.DeleteFunc(slices.Clone(times), func(at int64) bool { return at < start || at > start+difference })
			if set := fmt.Sprint(held); set != last {
				if last = set; len(held) > 0 {
					want = append(want, fmt.Sprintf("%d@[%d,%d)", len(held), start, start+difference+1))
				}
			}
		}
		_, final, _ := visits(t, window.Slide(difference, 1), flow.Late{}, steps(times...))
		if final != strings.Join(want, " ") {
			rt.Fatalf("%v: %s, want %s", times, final, strings.Join(want, " "))
		}
	})
}
