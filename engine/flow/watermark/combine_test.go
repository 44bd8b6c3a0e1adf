package watermark

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// valve runs steps such as "10@0 idle1 wake1" and lists what each said: the new
// watermark, or "-".
func valve(c *Combiner, steps string) string {
	var out []string
	for _, step := range strings.Fields(steps) {
		var input int
		var w int64
		var grew bool
		switch {
		case scan(step, "idle%d", &input):
			w, grew = c.Idle(input)
		case scan(step, "wake%d", &input):
			w, grew = c.Wake(input)
		case scan(step, "%d@%d", &w, &input):
			w, grew = c.Advance(input, w)
		default:
			panic(step)
		}
		if grew {
			out = append(out, fmt.Sprint(w))
		} else {
			out = append(out, "-")
		}
	}
	return strings.Join(out, " ")
}

func scan(s, format string, to ...any) bool {
	n, err := fmt.Sscanf(s, format, to...)
	return err == nil && n == len(to)
}

func vector(t *testing.T, c *Combiner, steps, want string) {
	t.Helper()
	if got := valve(c, steps); got != want {
		t.Errorf("%s\n got %s\nwant %s", steps, got, want)
	}
}

// TestVectorS29Delays: a union of two sources with bounds of 10 s and 5 s. Spark
// begins at 0 where a watermark here is None until all inputs have one.
func TestVectorS29Delays(t *testing.T) {
	const second = 1_000_000
	bounds := []Spec{{Bounded: 10 * second}, {Bounded: 5 * second}}
	frontiers := []int64{None, None}
	c := NewCombiner(2)
	var got []int64
	for _, e := range []struct {
		input int
		at    int64
	}{{0, 11}, {1, 6}, {1, 8}, {0, 21}} {
		frontiers[e.input] = max(frontiers[e.input], e.at*second)
		c.Advance(e.input, bounds[e.input].Watermark(frontiers[e.input]))
		got = append(got, max(0, c.Least()/1000))
	}
	if want := []int64{0, 1000, 1000, 3000}; !slices.Equal(got, want) {
		t.Errorf("watermarks %v ms, want %v", got, want)
	}
}

func TestVectorS30Valve(t *testing.T) {
	vector(t, NewCombiner(3), "0@0 0@1 0@2 12@0 8@2 10@2 15@1 17@2 20@0", "- - 0 - - - 10 12 15")
}

func TestVectorS31Idle(t *testing.T) {
	vector(t, NewCombiner(3), "15@0 10@1 idle2 18@1 20@0", "- - 10 15 18")
}

// TestVectorS32AllIdle: the greatest is flushed, whichever goes last.
func TestVectorS32AllIdle(t *testing.T) {
	vector(t, NewCombiner(3), "10@0 5@1 3@2 idle0 idle1 idle2", "- - 3 - - 10")
	vector(t, NewCombiner(3), "10@0 5@1 3@2 idle2 idle1 idle0", "- - 3 5 10 -")
}

func TestVectorS33Realign(t *testing.T) {
	vector(t, NewCombiner(3), "10@0 7@1 3@2 idle2 wake2 5@2 9@2 12@1", "- - 3 7 - - - 9")
}

// TestVectorS34Jet: an input that wakes holds the others until it has said
// something, where elsewhere it is ignored; a watermark that goes back is an error,
// where elsewhere nothing happens.
func TestVectorS34Jet(t *testing.T) {
	const steps = "idle0 11@1 wake0 12@1 13@0"
	jet := NewCombiner(2)
	jet.CountAtOnce()
	vector(t, jet, steps, "- 11 - - 12")
	vector(t, NewCombiner(2), steps, "- 11 - 12 -")

	back := NewCombiner(2)
	vector(t, back, "10@0 9@0", "- -")
	if err := back.Check(0, 9); !errors.Is(err, errRegress) || !strings.Contains(err.Error(), "from 10 to 9") {
		t.Errorf("error %v", err)
	}
	if err := back.Check(0, 10); err != nil || back.Input(0) != 10 {
		t.Errorf("%v at %d", err, back.Input(0))
	}
}

// TestVectorIgnored: what an idle input says is lost, an input that is the only
// one to count takes the rest with it, and one that is behind holds nothing.
func TestVectorIgnored(t *testing.T) {
	c := NewCombiner(2)
	vector(t, c, "5@0 idle0 50@0 6@1 wake0 idle1", "- - - 6 - -")
	if c.Holder() != -1 || !c.IsBehind(0) || !c.IsIdle(1) || c.Input(0) != 5 {
		t.Errorf("%+v", c)
	}
	vector(t, c, "5@0 6@0 8@0 idle0", "- - 8 -")
	vector(t, NewCombiner(3), "4@0 9@1 7@2 idle0 idle1 wake1 idle2", "- - 4 7 - - 9")
	c = NewCombiner(3)
	vector(t, c, "10@0 30@1 20@2 idle2 wake2 idle1 idle0 wake1", "- - 10 - - - 20 -")
	if c := NewCombiner(0); c.Least() != End || c.Holder() != -1 {
		t.Errorf("over nothing: %d, held by %d", c.Least(), c.Holder())
	}
}

// event is something that happens to an input.
type event struct {
	kind  uint8 // 0 and 1: advance; 2: idle; 3: wake
	input int
	w     int64
}

// replay computes the combined watermark of all events so far from nothing, by the
// words of the rule alone.
func replay(n int, atOnce bool, events []event) (out int64, said []int64) {
	said = slices.Repeat([]int64{None}, n)
	awake := slices.Repeat([]bool{true}, n)
	aligned := slices.Repeat([]bool{true}, n)
	out, top := None, None
	for _, e := range events {
		i := e.input
		switch {
		case e.kind == 2:
			awake[i] = false
		case e.kind == 3 && !awake[i]:
			awake[i] = true
			if aligned[i] = said[i] >= out; atOnce {
				said[i], aligned[i] = None, true
			}
		case e.kind < 2 && awake[i]:
			said[i] = max(said[i], e.w)
		}
		top = max(top, said[i])
		aligned[i] = aligned[i] || said[i] >= out
		var least []int64
		for j := range n {
			if awake[j] && aligned[j] {
				least = append(least, said[j])
			}
		}
		switch {
		case !slices.Contains(awake, true):
			out = max(out, top)
		case least != nil:
			out = max(out, slices.Min(least))
		}
	}
	return out, said
}

func drawEvents(t *rapid.T, n, most int) []event {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) event {
		return event{
			rapid.Uint8Range(0, 3).Draw(t, "kind"), rapid.IntRange(0, n-1).Draw(t, "input"),
			rapid.OneOf(rapid.Int64Range(-3, 12), rapid.Int64Range(0, 4), rapid.Just(None), rapid.Just(End)).Draw(t, "w"),
		}
	}), 1, most).Draw(t, "events")
}

func (e event) apply(c *Combiner) (int64, bool) {
	switch e.kind {
	case 2:
		return c.Idle(e.input)
	case 3:
		return c.Wake(e.input)
	}
	return c.Advance(e.input, e.w)
}

// differs feeds events and says where the combiner first differs from the model.
func differs(c *Combiner, n int, events []event) string {
	before := None
	for k, e := range events {
		out, grew := e.apply(c)
		want, said := replay(n, c.atOnce, events[:k+1])
		if out != want || c.Least() != want || grew != (want > before) {
			return fmt.Sprintf("after %+v: %d (grew: %v), want %d", events[:k+1], out, grew, want)
		}
		for i, w := range said {
			if c.Input(i) != w {
				return fmt.Sprintf("after %+v: input %d at %d, want %d", events[:k+1], i, c.Input(i), w)
			}
		}
		before = want
	}
	return ""
}

// TestOracleCombiner: after every event of a random sequence of watermarks, also
// such as go back, of inputs going idle and waking, the combined watermark is the
// one that is computed from all events anew, and it has not gone back.
func TestOracleCombiner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "inputs")
		c := NewCombiner(n)
		if rapid.IntRange(0, 3).Draw(t, "at once") == 0 {
			c.CountAtOnce()
		}
		if d := differs(c, n, drawEvents(t, n, 40)); d != "" {
			t.Fatal(d)
		}
	})
}

// TestPlantedCombiner: the model sees each mistake that a combiner can make about
// idle inputs.
func TestPlantedCombiner(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) []event { return drawEvents(t, 3, 40) })
	for _, d := range []defect{defectForget, defectEager, defectLeast} {
		found := -1
		for seed := 0; seed < 300 && found < 0; seed++ {
			c := NewCombiner(3)
			if c.defect = d; differs(c, 3, draw.Example(seed)) != "" {
				found = seed
			}
		}
		if t.Logf("defect %d: sequence %d", d, found); found < 0 {
			t.Errorf("defect %d is not found", d)
		}
	}
}

// TestLawAllIdle: it does not matter in which order inputs go idle.
func TestLawAllIdle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "inputs")
		events := drawEvents(t, n, 20)
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "order")
		c, d := NewCombiner(n), NewCombiner(n)
		for _, e := range events {
			e.apply(c)
			e.apply(d)
		}
		for i := range n {
			c.Idle(i)
			d.Idle(order[i])
		}
		if c.Least() != d.Least() || c.Least() != c.top {
			t.Fatalf("%d and %d, the greatest is %d", c.Least(), d.Least(), c.top)
		}
	})
}

// TestLawCombinerSaved: a loaded combiner goes on as the saved one would.
func TestLawCombinerSaved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(t, "inputs")
		c, d := NewCombiner(n), NewCombiner(n)
		if rapid.Bool().Draw(t, "at once") {
			c.CountAtOnce()
			d.CountAtOnce()
		}
		var events []event
		if n > 0 {
			events = drawEvents(t, n, 20)
		}
		cut := rapid.IntRange(0, len(events)).Draw(t, "cut")
		for _, e := range events[:cut] {
			e.apply(c)
		}
		rest, err := d.Load(append(c.AppendTo(nil), 7))
		if err != nil || !slices.Equal(rest, []byte{7}) {
			t.Fatalf("%v, rest %v", err, rest)
		}
		for _, e := range events[cut:] {
			w, grew := e.apply(c)
			if v, also := e.apply(d); v != w || also != grew {
				t.Fatalf("%+v: %d (%v), loaded %d (%v)", e, w, grew, v, also)
			}
		}
		if c.Holder() != d.Holder() || !slices.Equal(c.AppendTo(nil), d.AppendTo(nil)) {
			t.Fatal("they differ at the end")
		}
	})
}

// FuzzCombinerLoad: whatever is accepted is what would have been written.
func FuzzCombinerLoad(f *testing.F) {
	c := NewCombiner(3)
	f.Add(c.AppendTo(nil))
	valve(c, "10@0 7@1 3@2 idle2 wake2 5@2")
	f.Add(c.AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := NewCombiner(3)
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
