package watermark

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestVectorS38Idleness: a length of 10, a record at 4, and a look every 5. Idle is
// what was silent for 10, at 14 or the first look behind it; Flink says so at 25.
func TestVectorS38Idleness(t *testing.T) {
	first := func(c *Countdown, every int64) int64 {
		for now := int64(0); ; now += every {
			if now >= 4 && now-every < 4 {
				c.Record(0, 4)
			}
			if len(c.Due(now, nil)) > 0 {
				return now
			}
		}
	}
	if at := first(NewCountdown(1, 10, 0), 1); at != 14 {
		t.Errorf("idle at %d, want 14", at)
	}
	if at := first(NewCountdown(1, 10, 0), 5); at != 15 {
		t.Errorf("idle at the look at %d, want 15", at)
	}
	flink := NewCountdown(1, 10, 0)
	flink.AtProbes()
	if at := first(flink, 5); at != 25 {
		t.Errorf("idle at %d, in Flink at 25", at)
	}
}

// TestVectorPause: an input that is not polled is not idle, however long that
// takes, and what it had counted before stays.
func TestVectorPause(t *testing.T) {
	c := NewCountdown(2, 10, 0)
	c.Pause(0, 6)
	if got := c.Due(100, nil); !slices.Equal(got, []int32{1}) {
		t.Errorf("due at 100: %v, want only the input that is polled", got)
	}
	c.Resume(0, 100)
	if got := c.Due(103, nil); got != nil {
		t.Errorf("due at 103: %v, 9 were counted", got)
	}
	if got := c.Due(104, nil); !slices.Equal(got, []int32{0}) {
		t.Errorf("due at 104: %v", got)
	}
	if c.Record(0, 110); c.Due(119, nil) != nil || len(c.Due(120, nil)) != 1 || c.Due(200, nil) != nil {
		t.Error("a record begins the countdown anew, and it ends once")
	}
	far := NewCountdown(1, math.MaxInt64, math.MinInt64)
	if far.Due(-2, nil) != nil || len(far.Due(-1, nil)) != 1 {
		t.Error("a countdown over the whole of time")
	}
}

// act is something that happens to an input of a countdown.
type act struct {
	kind  uint8 // 0 nothing, 1 record, 2 pause, 3 resume
	input int
	step  int64
}

func drawActs(t *rapid.T, n int) []act {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) act {
		return act{rapid.Uint8Range(0, 3).Draw(t, "kind"), rapid.IntRange(0, n-1).Draw(t, "input"), rapid.Int64Range(0, 5).Draw(t, "step")}
	}), 1, 40).Draw(t, "acts")
}

func (a act) apply(c *Countdown, now int64) {
	switch a.kind {
	case 1:
		c.Record(a.input, now)
	case 2:
		c.Pause(a.input, now)
	case 3:
		c.Resume(a.input, now)
	}
}

// TestOracleCountdown counts each µs in which an input was polled and silent.
func TestOracleCountdown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "inputs")
		after := rapid.Int64Range(1, 12).Draw(t, "after")
		c := NewCountdown(n, after, -7)
		silent, paused, over := make([]int64, n), make([]bool, n), make([]bool, n)
		now := int64(-7)
		for _, a := range drawActs(t, n) {
			for range a.step {
				now++
				for i := range n {
					if !paused[i] {
						silent[i]++
					}
				}
			}
			var want []int32
			for i := range n {
				if !paused[i] && !over[i] && silent[i] >= after {
					want, over[i] = append(want, int32(i)), true
				}
			}
			if got := c.Due(now, nil); !slices.Equal(got, want) {
				t.Fatalf("due at %d: %v, want %v", now, got, want)
			}
			a.apply(c, now)
			switch a.kind {
			case 1:
				silent[a.input], paused[a.input], over[a.input] = 0, false, false
			case 2, 3:
				paused[a.input] = a.kind == 2
			}
		}
	})
}

// TestLawCountdownSaved: a loaded countdown goes on as the saved one would.
func TestLawCountdownSaved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, d := NewCountdown(3, 5, 0), NewCountdown(3, 5, 40)
		if rapid.Bool().Draw(t, "probes") {
			c.AtProbes()
			d.AtProbes()
		}
		acts := drawActs(t, 3)
		cut := rapid.IntRange(0, len(acts)).Draw(t, "cut")
		now := int64(0)
		for i, a := range acts {
			if i == cut {
				if rest, err := d.Load(c.AppendTo(nil)); err != nil || len(rest) != 0 {
					t.Fatalf("%v, rest %v", err, rest)
				}
			}
			now += a.step
			a.apply(c, now)
			due := c.Due(now, nil)
			if i < cut {
				continue
			}
			a.apply(d, now)
			if also := d.Due(now, nil); !slices.Equal(due, also) {
				t.Fatalf("due at %d: %v, loaded %v", now, due, also)
			}
		}
	})
}

// FuzzCountdownLoad: whatever is accepted is what would have been written.
func FuzzCountdownLoad(f *testing.F) {
	c := NewCountdown(2, 10, 0)
	f.Add(c.AppendTo(nil))
	c.Record(0, 4)
	c.Pause(1, 6)
	f.Add(c.AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := NewCountdown(2, 10, 0)
		rest, err := d.Load(b)
		if err != nil {
			if !errors.Is(err, errState) {
				t.Fatal(err)
			}
			return
		}
		if !slices.Equal(append(d.AppendTo(nil), rest...), b) {
			t.Fatalf("%x is written as %x", b, d.AppendTo(nil))
		}
	})
}
