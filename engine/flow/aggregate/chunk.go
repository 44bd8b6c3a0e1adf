package aggregate

import (
	"math"

	"parallax/engine/flow/column"
)

// chunkRows is how many rows pass through all functions before the next ones do:
// few enough that the groups they touch and the scratch memory stay in the
// nearest cache.
const chunkRows = 512

// chunk is some rows of a batch for one function.
type chunk struct {
	batch   *column.Batch
	args    []*column.Column
	groups  []uint32 // one for each row
	rows    []int32  // their numbers in the batch; nil: from, from+1, …
	from    int
	single  bool // all rows are of one group
	scratch *scratch
}

// scratch is the memory in which a chunk's values are brought together.
type scratch struct {
	chunk    chunk
	sink     uint64 // keeps the reads of Table.touch from being optimized away
	groups   [chunkRows]uint32
	rows     [chunkRows]int32
	bools    [chunkRows]bool
	ints     [chunkRows]int64
	floats   [chunkRows]float64
	ordinals [chunkRows]uint64
	codes    [chunkRows]uint32
	decimals [chunkRows]column.Decimal
	texts    [chunkRows]string
	hashes   [chunkRows]uint64
}

// cell is where the words of one function lie in a table.
type cell struct {
	table *Table
	at    int // the first word within a group's row
}

// index is the position of a group's first word.
func (c cell) index(group uint32) int { return int(group)*c.table.stride + c.at }

// word is a group's first word.
func (c cell) word(group uint32) *uint64 { return &c.table.words[c.index(group)] }

// row is the batch's row of the chunk's i-th.
func (c *chunk) row(i int) int {
	if c.rows == nil {
		return c.from + i
	}
	return int(c.rows[i])
}

// drop leaves out the rows that where refuses or that have a null argument. The
// usual chunk has neither and is left alone.
func (c *chunk) drop(where []bool) {
	if where != nil {
		c.dropMarked(where, false)
	}
	for _, a := range c.args {
		if a.Null != nil {
			c.dropMarked(a.Null, true)
		}
	}
}

// dropMarked leaves out the rows whose mark equals out.
func (c *chunk) dropMarked(marks []bool, out bool) {
	groups, rows := c.scratch.groups[:], c.scratch.rows[:]
	n := 0
	for i, g := range c.groups { // n <= i, so in place is safe
		r := c.row(i)
		groups[n], rows[n] = g, int32(r)
		if marks[r] != out {
			n++
		}
	}
	c.groups, c.rows = groups[:n], rows[:n]
}

// gather brings the chunk's values of a column side by side.
func gather[T any](c *chunk, values, buf []T) []T {
	n := len(c.groups)
	if c.rows == nil {
		return values[c.from : c.from+n]
	}
	buf = buf[:n]
	for i, r := range c.rows[:n] {
		buf[i] = values[r]
	}
	return buf
}

func (c *chunk) ints(arg int) []int64 {
	return gather(c, c.args[arg].Ints, c.scratch.ints[:])
}

func (c *chunk) floats(arg int) []float64 {
	return gather(c, c.args[arg].Floats, c.scratch.floats[:])
}

func (c *chunk) decimals(arg int) []column.Decimal {
	return gather(c, c.args[arg].Decimals, c.scratch.decimals[:])
}

func (c *chunk) codes(arg int) []uint32 {
	return gather(c, c.args[arg].Codes, c.scratch.codes[:])
}

// ordinals is the chunk's values of a Bool, Int64, Timestamp or Float64 column as
// unsigned numbers of the same order.
func (c *chunk) ordinals(arg int) []uint64 {
	out := c.scratch.ordinals[:len(c.groups)]
	switch c.args[arg].Type.Kind {
	case column.Bool:
		for i, v := range gather(c, c.args[arg].Bools, c.scratch.bools[:]) {
			out[i] = ordinalBool(v)
		}
	case column.Float64:
		for i, v := range c.floats(arg) {
			out[i] = ordinalFloat(v)
		}
	default:
		for i, v := range c.ints(arg) {
			out[i] = uint64(v) ^ signBit
		}
	}
	return out
}

const (
	signBit = 1 << 63
	nanBits = 0x7ff8_0000_0000_0001 // the one NaN that is kept
)

func ordinalBool(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}

// ordinalFloat is the place of v in the order of column.CompareFloats: -0 comes
// before +0, and all NaN are one number behind +Inf.
func ordinalFloat(v float64) uint64 {
	b := math.Float64bits(v)
	switch {
	case v != v:
		return nanBits | signBit
	case b&signBit != 0:
		return ^b
	}
	return b | signBit
}

// setOrdinal sets a value to what an ordinal stands for.
func setOrdinal(v *column.Value, o uint64) {
	v.Null = false
	switch v.Type.Kind {
	case column.Bool:
		v.Bool = o != 0
	case column.Float64:
		v.Float = floatOfOrdinal(o)
	default:
		v.Int = int64(o ^ signBit)
	}
}

func floatOfOrdinal(o uint64) float64 {
	if o&signBit != 0 {
		return math.Float64frombits(o &^ signBit)
	}
	return math.Float64frombits(^o)
}

// validOrdinal tells whether a value of the kind has this ordinal.
func validOrdinal(k column.Kind, o uint64) bool {
	switch k {
	case column.Bool:
		return o <= 1
	case column.Float64:
		return ordinalFloat(floatOfOrdinal(o)) == o
	}
	return true
}
