package operator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"parallax/engine/flow/watermark"
)

// happening is something that happens to the inputs of an operator: time passes, and
// then, unless input is -1, a record comes that brings its input's frontier to f, or
// leaves it where it is if that is less.
type happening struct {
	input   int
	step, f int64
}

// modelMark is all there is to say of the inputs behind some happenings, by the words
// of the rule alone: µs by µs, everything that an input has said being kept.
type modelMark struct {
	after, drift int64 // 0: never idle; never paused
	out          int64
	said         []int64
	silent       []int64
	idle, behind []bool
	begun        bool
}

func newModelMark(n int, after, drift int64) *modelMark {
	return &modelMark{
		after: after, drift: drift, out: math.MinInt64, said: slices.Repeat([]int64{math.MinInt64}, n),
		silent: make([]int64, n), idle: make([]bool, n), behind: make([]bool, n),
	}
}

// paused inputs are awake, and further ahead of what all are at than drift.
func (m *modelMark) paused(i int) bool {
	return m.drift > 0 && !m.idle[i] && m.said[i] > m.out+m.drift
}

// combine is the least of those that are awake and have caught up, or if nobody is
// awake the greatest of all; it does not go back.
func (m *modelMark) combine() {
	var count []int64
	for i, f := range m.said {
		if m.behind[i] = m.behind[i] && !m.idle[i] && f < m.out; !m.idle[i] && !m.behind[i] {
			count = append(count, f)
		}
	}
	switch {
	case !slices.Contains(m.idle, false):
		m.out = max(m.out, slices.Max(m.said))
	case count != nil:
		m.out = max(m.out, slices.Min(count))
	}
	if count == nil {
		return
	}
	for i, f := range m.said {
		m.behind[i] = m.behind[i] && f < m.out
	}
}

// tick lets a µs pass.
func (m *modelMark) tick() {
	if !m.begun || m.after == 0 {
		return
	}
	polled := make([]bool, len(m.said))
	for i := range m.said {
		polled[i] = !m.paused(i) && !m.idle[i]
	}
	slept := false
	for i, p := range polled {
		if p {
			m.silent[i]++
		}
		if p && m.silent[i] >= m.after {
			m.idle[i], slept = true, true
		}
	}
	if slept {
		m.combine()
	}
}

// replayMark is the model behind all happenings.
func replayMark(n int, after, drift int64, all []happening) *modelMark {
	m := newModelMark(n, after, drift)
	for _, h := range all {
		for range h.step {
			m.tick()
		}
		if h.input < 0 {
			continue
		}
		m.begun = true
		if m.idle[h.input] {
			m.idle[h.input], m.behind[h.input] = false, true
		}
		m.silent[h.input] = 0
		m.combine()
		m.said[h.input] = max(m.said[h.input], h.f)
		m.combine()
	}
	return m
}

// drawHappenings draws inputs, how long they may be silent and how far ahead, and what
// happens to them.
func drawHappenings(rng *rand.Rand) (n int, after, drift int64, all []happening) {
	n, after, drift = 1+rng.IntN(6), rng.Int64N(9), rng.Int64N(8)
	top := int64(0)
	for range 1 + rng.IntN(24) {
		h := happening{input: rng.IntN(n+1) - 1, step: rng.Int64N(5)}
		switch rng.IntN(5) {
		case 0: // far behind, or back
			h.f = top - rng.Int64N(12)
		case 1: // ahead
			h.f = top + rng.Int64N(12)
		default:
			h.f = top + rng.Int64N(5) - 2
		}
		top = max(top, h.f)
		all = append(all, h)
	}
	return n, after, drift, all
}

// differsMark feeds happenings and says where what is kept first differs from what is
// computed of all of them anew.
func differsMark(n int, after, drift int64, all []happening, plant func(g *idling)) string {
	g := newIdling(n, after, drift)
	plant(g)
	now, own := int64(0), slices.Repeat([]int64{watermark.None}, n)
	for k, h := range all {
		now += h.step
		if h.input < 0 {
			g.pass(now)
		} else {
			own[h.input] = max(own[h.input], h.f)
			g.arrive(h.input, now)
			g.advance(h.input, own[h.input])
		}
		m := replayMark(n, after, drift, all[:k+1])
		got, want := fmt.Sprint(g.least.Least()), fmt.Sprint(m.out)
		for i := range n {
			got += fmt.Sprint(" ", g.least.IsIdle(i), g.least.IsBehind(i), g.paused(i))
			want += fmt.Sprint(" ", m.idle[i], m.behind[i], m.paused(i))
		}
		if got != want {
			return fmt.Sprintf("after %d, drift %d, behind %+v:\n got %s\nwant %s (watermark, idle, behind, paused)", after, drift, all[:k+1], got, want)
		}
	}
	return ""
}

// TestLawModelWatermark: the watermark of up to six inputs that go idle, come back, go
// back and are paused, and how each stands, are after everything that happens those
// computed of all of it from nothing.
func TestLawModelWatermark(t *testing.T) {
	cases := uint64(4000)
	if os.Getenv("PARALLAX_SOAK") != "" {
		cases = 400_000
	}
	for seed := range cases {
		n, after, drift, all := drawHappenings(rand.New(rand.NewPCG(seed, 4)))
		if d := differsMark(n, after, drift, all, func(*idling) {}); d != "" {
			t.Fatalf("seed %d: %s", seed, d)
		}
	}
	for name, plant := range map[string]func(g *idling){
		"the countdown of a paused input goes on": func(g *idling) {
			if g.align != nil {
				g.align.hasty = true
			}
		},
		"an input that wakes counts at once": func(g *idling) { g.least.CountAtOnce() },
		"a drift that is off by one": func(g *idling) {
			if g.align != nil {
				g.align.drift++
			}
		},
	} {
		found := -1
		for seed := 0; seed < 3000 && found < 0; seed++ {
			n, after, drift, all := drawHappenings(rand.New(rand.NewPCG(uint64(seed), 4)))
			if differsMark(n, after, drift, all, plant) != "" {
				found = seed
			}
		}
		if t.Logf("%s: case %d", name, found); found < 0 {
			t.Errorf("%s: not found", name)
		}
	}
}
