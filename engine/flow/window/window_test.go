package window

import (
	"fmt"
	"slices"
	"testing"
)

// starts is the one window start of each time in a tumbling window.
func starts(t *testing.T, s Spec, times []int64) []int64 {
	t.Helper()
	var out []int64
	for _, at := range times {
		got := s.Assign(at, nil)
		if len(got) != 1 {
			t.Fatalf("Assign(%d) = %v, want one window", at, got)
		}
		out = append(out, got[0])
	}
	return out
}

func checkStarts(t *testing.T, s Spec, times, want []int64) {
	t.Helper()
	if got := starts(t, s, times); !slices.Equal(got, want) {
		t.Errorf("%+v: starts %v, want %v", s, got, want)
	}
}

func TestVectorS01TumblingNegative(t *testing.T) {
	checkStarts(t, Tumble(7, 0), []int64{-8, -7, -6, -1, 1, 6, 7, 8}, []int64{-14, -7, -7, -7, 0, 0, 7, 7})
}

func TestVectorS02Offset(t *testing.T) {
	checkStarts(t, Tumble(7, 3), []int64{-10, -9, 1, 2, 3, 9, 10}, []int64{-11, -11, -4, -4, 3, 3, 10})
}

func TestVectorS03NegativeOffset(t *testing.T) {
	checkStarts(t, Tumble(7, -2), []int64{1, -2, 3, 4, 7, 12}, []int64{-2, -2, -2, -2, 5, 12})
}

func TestVectorS04DayInAZone(t *testing.T) {
	const ms, hour = 1000, 3600 * 1000 * 1000
	checkStarts(t, Tumble(24*hour, -8*hour), []int64{1470902048450 * ms}, []int64{1470844800000 * ms})
}

// TestVectorS05OffsetFires: with size 2000 and offset 100 the rows 1000 to 2001
// lie in [100, 2100), which a watermark of "nothing more up to 2010" (ours:
// 2011) does not complete and one of 2999 (ours: 3000) does; the greatest time
// it holds is 2099.
func TestVectorS05OffsetFires(t *testing.T) {
	s := Tumble(2000, 100)
	for at := int64(1000); at <= 2001; at++ {
		if got := s.Assign(at, nil); !slices.Equal(got, []int64{100}) {
			t.Fatalf("Assign(%d) = %v, want [100]", at, got)
		}
	}
	if end := s.End(100); 2010+1 >= end || 2999+1 < end || end-1 != 2099 {
		t.Errorf("End(100) = %d, want 2100", end)
	}
}

// contents prints windows with the times they hold, as the vectors do.
func contents(s Spec, times []int64) string {
	rows := make(map[int64][]int64)
	var order []int64
	for _, at := range times {
		for _, start := range s.Assign(at, nil) {
			if rows[start] == nil {
				order = append(order, start)
			}
			rows[start] = append(rows[start], at)
		}
	}
	slices.Sort(order)
	text := ""
	for _, start := range order {
		text += fmt.Sprintf("[%d,%d):%v ", start, s.End(start), rows[start])
	}
	return text
}

func checkContents(t *testing.T, s Spec, times []int64, want string) {
	t.Helper()
	if got := contents(s, times); got != want {
		t.Errorf("%+v:\n got %s\nwant %s", s, got, want)
	}
}

func TestVectorS06Hopping(t *testing.T) {
	checkContents(t, Hop(7, 5, 0), []int64{1, 2, 5, 9, 10, 11},
		"[-5,2):[1] [0,7):[1 2 5] [5,12):[5 9 10 11] [10,17):[10 11] ")
}

func TestVectorS07HoppingOffset(t *testing.T) {
	checkContents(t, Hop(10, 5, 2), []int64{1, 2, 5, 9, 10, 11},
		"[-8,2):[1] [-3,7):[1 2 5] [2,12):[2 5 9 10 11] [7,17):[9 10 11] ")
}

func TestVectorS08Gaps(t *testing.T) {
	checkContents(t, Hop(3, 10, 0), []int64{1, 2, 3, 5, 9, 10, 11, 100},
		"[0,3):[1 2] [10,13):[10 11] [100,103):[100] ")
}

func TestVectorS09HoppingStarts(t *testing.T) {
	if got := Hop(12, 5, 0).Assign(21, nil); !slices.Equal(got, []int64{10, 15, 20}) {
		t.Errorf("Assign(21) = %v, want [10 15 20]", got)
	}
}
