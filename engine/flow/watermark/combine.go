package watermark

// Combiner keeps the least watermark over a fixed number of inputs. An input
// that has said nothing holds the least at [None].
type Combiner struct {
	inputs []int64
	least  int64
	at     int // how many inputs stand at least
}

// NewCombiner is a combiner of n inputs, all at None. Over no inputs the least
// is End: there is nothing to wait for.
func NewCombiner(n int) *Combiner {
	c := &Combiner{inputs: make([]int64, n)}
	for i := range c.inputs {
		c.inputs[i] = None
	}
	c.scan()
	return c
}

// Advance raises one input's watermark, a lesser one being ignored, and reports
// the least over all inputs and whether it grew. It costs O(1) unless the input
// was the last to stand at the least, then O(n).
func (c *Combiner) Advance(input int, w int64) (least int64, grew bool) {
	old := c.inputs[input]
	if w <= old {
		return c.least, false
	}
	c.inputs[input] = w
	if old != c.least {
		return c.least, false
	}
	if c.at--; c.at > 0 {
		return c.least, false
	}
	c.scan()
	return c.least, true
}

// Least is the least watermark over all inputs. It never goes back.
func (c *Combiner) Least() int64 { return c.least }

// Input is the watermark of one input.
func (c *Combiner) Input(input int) int64 { return c.inputs[input] }

// Holder is the first input that stands at the least: the one to be waited for.
// It is -1 when there are no inputs.
func (c *Combiner) Holder() int {
	for i, w := range c.inputs {
		if w == c.least {
			return i
		}
	}
	return -1
}

// Len is the number of inputs.
func (c *Combiner) Len() int { return len(c.inputs) }

func (c *Combiner) scan() {
	c.least, c.at = End, 0
	for _, w := range c.inputs {
		switch {
		case w < c.least:
			c.least, c.at = w, 1
		case w == c.least:
			c.at++
		}
	}
}
