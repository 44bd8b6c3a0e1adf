package window

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// sessions merges the windows of times one after another, in the order given, and
// prints them as the vectors do.
func sessions(s Spec, times []int64) string {
	type span struct {
		start, end int64
		times      []int64
	}
	var all []span
	for _, t := range times {
		for _, start := range s.Assign(t, nil) {
			next := span{start, s.End(start), []int64{t}}
			var apart []span
			for _, o := range all {
				if s.Joins(next.start, next.end, o.start, o.end) {
					next = span{min(next.start, o.start), max(next.end, o.end), append(next.times, o.times...)}
					continue
				}
				apart = append(apart, o)
			}
			all = append(apart, next)
		}
	}
	slices.SortFunc(all, func(a, b span) int { return int(a.start - b.start) })
	text := ""
	for _, o := range all {
		slices.Sort(o.times)
		text += fmt.Sprintf("[%d,%d):%v ", o.start, o.end, o.times)
	}
	return text
}

func checkSessions(t *testing.T, s Spec, times []int64, want string) {
	t.Helper()
	if got := sessions(s, times); got != want {
		t.Errorf("%+v:\n got %s\nwant %s", s, got, want)
	}
}

func TestVectorS10Sessions(t *testing.T) {
	checkSessions(t, Sessions(10, Overlapping), []int64{1, 15, 30, 100, 101, 95, 22, 10},
		"[1,40):[1 10 15 22 30] [95,111):[95 100 101] ")
}

func TestVectorS11Sessions(t *testing.T) {
	checkSessions(t, Sessions(10, Overlapping), []int64{1, 2, 5, 9, 100, 101}, "[1,19):[1 2 5 9] [100,111):[100 101] ")
}

// TestVectorS12Touch: the same times are one session less where touching is
// enough.
func TestVectorS12Touch(t *testing.T) {
	times := []int64{0, 10, 101}
	checkSessions(t, Sessions(10, Overlapping), times, "[0,10):[0] [10,20):[10] [101,111):[101] ")
	checkSessions(t, Sessions(10, Touching), times, "[0,20):[0 10] [101,111):[101] ")
}

func TestVectorS54Intersects(t *testing.T) {
	s := Sessions(10, Touching)
	for _, c := range []struct {
		start, end int64
		joins      bool
	}{{20, 30, true}, {21, 30, false}, {19, 22, true}} {
		if s.Joins(10, 20, c.start, c.end) != c.joins || s.Joins(c.start, c.end, 10, 20) != c.joins {
			t.Errorf("[10,20) and [%d,%d): want %v", c.start, c.end, c.joins)
		}
	}
	if Sessions(10, Overlapping).Joins(10, 20, 20, 30) {
		t.Error("[10,20) and [20,30) overlap")
	}
}

// TestLawSessionOrder: the sessions of times do not depend on their order, and are
// those of the definition: sorted, a time joins the one before it when it lies
// less than the gap behind it, or as much where touching is enough.
func TestLawSessionOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Sessions(rapid.Int64Range(1, 12).Draw(t, "gap"), rapid.SampledFrom([]Merge{Overlapping, Touching}).Draw(t, "merge"))
		times := rapid.SliceOfN(rapid.Int64Range(-60, 60), 1, 12).Draw(t, "times")
		got := sessions(s, times)
		slices.Sort(times)
		most := s.Size - 1
		if s.Merge == Touching {
			most = s.Size
		}
		want, from := "", 0
		for i := range times {
			if i+1 < len(times) && times[i+1]-times[i] <= most {
				continue
			}
			want += fmt.Sprintf("[%d,%d):%v ", times[from], times[i]+s.Size, times[from:i+1])
			from = i + 1
		}
		if got != want {
			t.Fatalf("%+v:\n got %s\nwant %s", s, got, want)
		}
	})
}

// TestVectorSessionEdges: a session whose end is no int64 does not exist; one that
// touching is enough for closes one later.
func TestVectorSessionEdges(t *testing.T) {
	s := Sessions(10, Touching)
	if got := s.Assign(math.MaxInt64-9, nil); len(got) != 0 {
		t.Errorf("Assign gives %v", got)
	}
	if got := s.Assign(math.MaxInt64-10, nil); !slices.Equal(got, []int64{math.MaxInt64 - 10}) {
		t.Errorf("Assign gives %v", got)
	}
	if a, b, c := s.Closes(7), s.Closes(math.MaxInt64), Sessions(10, Overlapping).Closes(7); a != 8 || b != math.MaxInt64 || c != 7 {
		t.Errorf("Closes: %d, %d, %d", a, b, c)
	}
	for want, s := range map[error]Spec{
		ErrGap: Sessions(0, Overlapping), ErrMerge: Sessions(1, Touching+1), nil: Sessions(1, Touching),
	} {
		if err := s.Validate(); err != want {
			t.Errorf("%+v: %v, want %v", s, err, want)
		}
	}
	if s := (Spec{Kind: Hopping, Size: 2, Every: 1, Merge: Touching}); s.Validate() != ErrMerge {
		t.Errorf("%+v: %v", s, s.Validate())
	}
}
