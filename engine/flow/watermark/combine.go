package watermark

import "fmt"

// Combiner makes one watermark of those of a fixed number of inputs: the least
// over the inputs that count, which never goes back. An input that has said
// nothing stands at [None] and holds the rest there.
//
// An input that goes idle does not count any more. What it said is kept, what it
// says meanwhile is ignored. When it wakes it counts only from when it has reached
// the combined watermark: it is behind until then, and holds nothing. When the
// last one that was awake goes idle, the combined watermark rises to the greatest
// that any input ever had, in whatever order they went: none of them has anything
// to say that could still be waited for. (Apache Flink, StatusWatermarkValve and
// FLINK-7728.)
type Combiner struct {
	inputs []int64
	state  []standing
	out    int64
	top    int64 // the greatest watermark that any input had
	held   int   // how many inputs count and stand at out or before
	awake  int
	atOnce bool
	defect defect
}

// standing is how an input takes part.
type standing uint8

const (
	counts standing = iota
	behind          // awake, and not yet where the combined watermark is
	idle
)

// defect is a mistake that tests plant, to see that it is found.
type defect uint8

const (
	defectNone   defect = iota
	defectForget        // an idle input's watermark is dropped
	defectEager         // an input that wakes counts before it has caught up
	defectLeast         // the least is flushed when all are idle
)

// NewCombiner is a combiner of n inputs, all awake and at None. Over no inputs the
// watermark is End: there is nothing to wait for.
func NewCombiner(n int) *Combiner {
	c := &Combiner{inputs: make([]int64, n), state: make([]standing, n), out: None, top: None, held: n, awake: n}
	for i := range c.inputs {
		c.inputs[i] = None
	}
	if n == 0 {
		c.out = End
	}
	return c
}

// CountAtOnce makes an input that wakes begin anew at None and count at once, so
// that it holds the others until it has passed the combined watermark (Hazelcast
// Jet, WatermarkCoalescer). It is for a new combiner.
func (c *Combiner) CountAtOnce() { c.atOnce = true }

// Advance raises one input's watermark, a lesser one being ignored as is
// everything from an idle input, and reports the combined watermark and whether it
// grew. It costs O(1) unless the input was the last to hold the others, then O(n).
func (c *Combiner) Advance(input int, w int64) (least int64, grew bool) {
	old := c.inputs[input]
	if w <= old || c.state[input] == idle {
		return c.out, false
	}
	c.inputs[input] = w
	c.top = max(c.top, w)
	switch {
	case c.state[input] == behind && w >= c.out:
		c.count(input)
	case c.state[input] == behind || old > c.out || w <= c.out:
		return c.out, false
	default:
		c.held--
	}
	return c.settle()
}

// Check returns an error for a watermark less than the input's: what Advance
// ignores is an error to some (Jet).
func (c *Combiner) Check(input int, w int64) error {
	if w < c.inputs[input] {
		return fmt.Errorf("%w: input %d from %d to %d", errRegress, input, c.inputs[input], w)
	}
	return nil
}

// Idle takes inputs out of the minimum, all at one moment, and reports the combined
// watermark and whether it grew.
func (c *Combiner) Idle(inputs ...int) (least int64, grew bool) {
	went := false
	for _, input := range inputs {
		if c.state[input] == idle {
			continue
		}
		if c.state[input] == counts && c.inputs[input] <= c.out {
			c.held--
		}
		c.state[input] = idle
		c.awake--
		went = true
		if c.defect == defectForget {
			c.inputs[input] = None
		}
	}
	if !went {
		return c.out, false
	}
	return c.settle()
}

// Wake takes an idle input back and reports the combined watermark and whether it
// grew: it does if the input is the only one that counts and had come further.
func (c *Combiner) Wake(input int) (least int64, grew bool) {
	if c.state[input] != idle {
		return c.out, false
	}
	c.awake++
	c.state[input] = behind
	if c.atOnce {
		c.inputs[input] = None
	}
	if c.atOnce || c.inputs[input] >= c.out || c.defect == defectEager {
		c.count(input)
	}
	return c.settle()
}

// count makes an input count.
func (c *Combiner) count(input int) {
	c.state[input] = counts
	if c.inputs[input] <= c.out {
		c.held++
	}
}

// settle raises the combined watermark as far as nothing holds it.
func (c *Combiner) settle() (least int64, grew bool) {
	if c.held > 0 {
		return c.out, false
	}
	least = c.out
	if c.awake == 0 {
		least = c.top
	} else if w, ok := c.least(); ok {
		least = w
	}
	if c.awake == 0 && c.defect == defectLeast {
		for i, w := range c.inputs {
			if i == 0 || w < least {
				least = w
			}
		}
		least = max(least, c.out)
	}
	grew = least > c.out
	c.out = max(c.out, least)
	for i, w := range c.inputs {
		if c.state[i] == counts && w <= c.out {
			c.held++
		}
	}
	return c.out, grew
}

// least is the least watermark of the inputs that count, if any does.
func (c *Combiner) least() (w int64, ok bool) {
	w = End
	for i, v := range c.inputs {
		if c.state[i] == counts {
			w, ok = min(w, v), true
		}
	}
	return w, ok
}

// Least is the combined watermark. It never goes back.
func (c *Combiner) Least() int64 { return c.out }

// Greatest is the greatest watermark that any input had.
func (c *Combiner) Greatest() int64 { return c.top }

// Input is the watermark of one input.
func (c *Combiner) Input(input int) int64 { return c.inputs[input] }

// IsIdle tells whether an input is idle, and IsBehind whether it woke and has not
// reached the combined watermark since.
func (c *Combiner) IsIdle(input int) bool { return c.state[input] == idle }

// IsBehind is explained at IsIdle.
func (c *Combiner) IsBehind(input int) bool { return c.state[input] == behind }

// Holder is the first input that counts and stands at the combined watermark or
// before it: the one to be waited for. It is -1 when nothing is: there are no
// inputs, or those awake are all behind, or none is awake.
func (c *Combiner) Holder() int {
	for i, w := range c.inputs {
		if c.state[i] == counts && w <= c.out {
			return i
		}
	}
	return -1
}

// Len is the number of inputs.
func (c *Combiner) Len() int { return len(c.inputs) }
