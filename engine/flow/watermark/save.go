package watermark

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

// formatVersion opens every saved state. Numbers are varints in their shortest
// form; equal states give equal bytes.
const formatVersion = 1

// AppendTo appends the combiner's state.
//
//	version 1 · inputs · combined watermark · greatest · each: standing · watermark
func (c *Combiner) AppendTo(b []byte) []byte {
	b = binary.AppendUvarint(append(b, formatVersion), uint64(len(c.inputs)))
	b = binary.AppendVarint(binary.AppendVarint(b, c.out), c.top)
	for i, w := range c.inputs {
		b = binary.AppendVarint(append(b, byte(c.state[i])), w)
	}
	return b
}

// Load makes a new combiner of as many inputs the one that was saved and returns
// what follows. An error leaves it unusable.
func (c *Combiner) Load(b []byte) (rest []byte, err error) {
	r := reader{b: b}
	r.head(len(c.inputs))
	c.out, c.top = r.int(), r.int()
	c.held, c.awake = 0, 0
	most := None
	for i := range c.inputs {
		c.state[i], c.inputs[i] = standing(r.flags(byte(idle))), r.int()
		most = max(most, c.inputs[i])
		if c.state[i] != idle {
			c.awake++
		}
		if !c.atOnce && (c.state[i] == counts && c.inputs[i] < c.out || c.state[i] == behind && c.inputs[i] >= c.out) {
			r.fail("an input does not stand where it should")
		}
		if c.state[i] == counts && c.inputs[i] <= c.out {
			c.held++
		}
	}
	if most > c.top || !c.atOnce && most < c.top {
		r.fail("the greatest watermark is of no input")
	}
	if _, grew := c.settle(); grew || c.out > c.top && len(c.inputs) > 0 {
		r.fail("the combined watermark is not that of the inputs")
	}
	return r.end(b, c.AppendTo)
}

// AppendTo appends the countdown's state.
//
//	version 1 · inputs · each: flags · since
//
// Flags are 1 paused, 2 over, 4 spoke, 8 started.
func (c *Countdown) AppendTo(b []byte) []byte {
	b = binary.AppendUvarint(append(b, formatVersion), uint64(len(c.inputs)))
	for _, q := range c.inputs {
		flags := byte(0)
		for bit, set := range [...]bool{q.paused, q.over, q.spoke, q.started} {
			if set {
				flags |= 1 << bit
			}
		}
		b = binary.AppendVarint(append(b, flags), q.since)
	}
	return b
}

// Load makes a new countdown of as many inputs the one that was saved and returns
// what follows. An error leaves it unusable.
func (c *Countdown) Load(b []byte) (rest []byte, err error) {
	r := reader{b: b}
	r.head(len(c.inputs))
	for i := range c.inputs {
		f := r.flags(15)
		q := quiet{since: r.int(), paused: f&1 != 0, over: f&2 != 0, spoke: f&4 != 0, started: f&8 != 0}
		if q.paused && q.since < 0 {
			r.fail("a countdown of less than nothing")
		}
		c.inputs[i] = q
	}
	c.next = math.MinInt64
	return r.end(b, c.AppendTo)
}

// reader reads a saved state. After the first error everything reads as zero.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err, r.b = fmt.Errorf("%w: %s", errState, what), nil
	}
}

// head reads the version and the number of inputs.
func (r *reader) head(inputs int) {
	if r.flags(formatVersion) != formatVersion {
		r.fail("not version 1")
	}
	if n, size := binary.Uvarint(r.b); size <= 0 || n != uint64(inputs) {
		r.fail(fmt.Sprintf("%d inputs are expected", inputs))
	} else {
		r.b = r.b[size:]
	}
}

// flags reads a byte of at most most.
func (r *reader) flags(most byte) byte {
	if len(r.b) == 0 || r.b[0] > most {
		r.fail("a byte is wrong or missing")
		return 0
	}
	f := r.b[0]
	r.b = r.b[1:]
	return f
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("not a number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("not a number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// end returns what follows a state, unless it is one that would be written
// otherwise.
func (r *reader) end(b []byte, write func([]byte) []byte) (rest []byte, err error) {
	if r.err == nil && !bytes.Equal(write(nil), b[:len(b)-len(r.b)]) {
		r.fail("not in its shortest form")
	}
	return r.b, r.err
}
