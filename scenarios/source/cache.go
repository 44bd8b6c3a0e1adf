package source

import (
	"bufio"
	"bytes"
	"io"
)

// cacheSizeMax bounds the unwrapped content that the second pass takes from memory
// instead of unpacking it again.
const cacheSizeMax = 64 << 20

// recorder remembers what is read through it, unless it gets too long.
type recorder struct {
	r    io.Reader
	data []byte
	err  error // how reading ended; nil until then
	lost bool  // too long
}

func (c *recorder) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if len(c.data)+n > cacheSizeMax {
		c.data, c.lost = nil, true
	}
	if !c.lost {
		c.data = append(c.data, p[:n]...)
	}
	c.err = err
	return n, err
}

// again is the same content with the same end, or nil.
func (c *recorder) again() *bufio.Reader {
	if c == nil || c.lost || c.err == nil {
		return nil
	}
	return bufio.NewReader(io.MultiReader(bytes.NewReader(c.data), ending{c.err}))
}

// ending is a reader at its end.
type ending struct{ err error }

func (e ending) Read([]byte) (int, error) { return 0, e.err }
