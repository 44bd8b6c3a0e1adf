package operator

import (
	"math"
	"testing"
	"time"

	"parallax/engine/flow/civil"
	"parallax/engine/flow/window"
)

// rows adds rows of key 1, in order, and ends the input.
func (s *script) rows(times ...int64) {
	for _, at := range times {
		s.row(1, at)
	}
	s.wm(math.MaxInt64 - 1)
}

// TestVectorS05OffsetFires: nothing at 2010, and all by 2999.
func TestVectorS05OffsetFires(t *testing.T) {
	s := newScript(t, window.Tumble(2000, 100), 0)
	for at := int64(1000); at <= 2001; at++ {
		s.row(1, at)
	}
	s.wm(2010)
	s.want("")
	s.wm(2999)
	s.want("k1 1002=1002@[100,2100)")
}

// The firing windows hold what the vectors say; package window has them by row.

func TestVectorS06HoppingFires(t *testing.T) {
	s := newScript(t, window.Hop(7, 5, 0), 0)
	s.rows(1, 2, 5, 9, 10, 11)
	s.want("k1 1=1@[-5,2), k1 3=3@[0,7), k1 4=4@[5,12), k1 2=2@[10,17)")
}

func TestVectorS07HoppingOffsetFires(t *testing.T) {
	s := newScript(t, window.Hop(10, 5, 2), 0)
	s.rows(1, 2, 5, 9, 10, 11)
	s.want("k1 1=1@[-8,2), k1 3=3@[-3,7), k1 5=5@[2,12), k1 3=3@[7,17)")
}

func TestVectorS08GapsFire(t *testing.T) {
	s := newScript(t, window.Hop(3, 10, 0), 0)
	s.rows(1, 2, 3, 5, 9, 10, 11, 100)
	s.want("k1 2=2@[0,3), k1 2=2@[10,13), k1 1=1@[100,103)")
	if c := s.windowed.Counts(0); c.Rows != 8 || c.PairsOnTime != 5 || c.RowsDropped != 0 {
		t.Errorf("%+v", c)
	}
}

func TestVectorS09HoppingFires(t *testing.T) {
	s := newScript(t, window.Hop(12, 5, 0), 0)
	s.rows(21)
	s.want("k1 1=1@[10,22), k1 1=1@[15,27), k1 1=1@[20,32)")
}

// TestVectorCalendarFires: the day on which clocks in Berlin are put forward fires
// after 23 hours, takes a revision for an hour, and then no more.
func TestVectorCalendarFires(t *testing.T) {
	const hour = 3_600_000_000
	days, err := civil.New(civil.Day, "Europe/Berlin", time.Monday)
	if err != nil {
		t.Fatal(err)
	}
	s := newScript(t, window.Spec{Kind: window.Calendar, Civil: days}, hour)
	midnight := time.Date(2024, time.March, 30, 23, 0, 0, 0, time.UTC).UnixMicro()
	s.row(1, midnight)
	s.row(1, midnight-1)
	s.wm(midnight + 23*hour - 2)
	s.row(1, midnight+23*hour-1)
	s.wm(midnight + 23*hour - 1)
	s.row(1, midnight+5*hour)
	s.wm(midnight + 24*hour - 1)
	s.row(1, midnight+6*hour)
	s.want("k1 1=1@[1711753200000000,1711839600000000), "+
		"k1 2=2@[1711839600000000,1711922400000000), revision k1 3=3@[1711839600000000,1711922400000000)", midnight+6*hour)
}

// TestVectorGlobalFires: the global window waits for the end of the input.
func TestVectorGlobalFires(t *testing.T) {
	s := newScript(t, window.Spec{Kind: window.Global}, 0)
	s.row(1, -5)
	s.wm(1_000_000_000_000_000)
	s.row(1, 7) // however late it is
	s.want("")
	s.rows(3)
	s.want("k1 3=3@[-4611686018427387000,4611686018427387000)")
}
