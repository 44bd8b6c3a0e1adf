package aggregate

import (
	"math/big"

	"parallax/engine/flow/column"
)

func bindSum(c Call) (*function, error) {
	t, err := oneArgument(c)
	if err != nil {
		return nil, err
	}
	open, words := openSum(t)
	if open == nil {
		return nil, ErrArguments
	}
	if t.Kind == column.Decimal128 {
		t.Precision = column.DecimalDigitsMax
	}
	return &function{result: t, retracts: true, words: words, open: open}, nil
}

// openSum is the store of exact sums of a type, and its words; nil if the type is
// not numeric.
func openSum(t column.Type) (open func(c cell) store, words int) {
	switch t.Kind {
	case column.Int64:
		return func(c cell) store { return &sumInt{cell: c} }, 1
	case column.Decimal128:
		return func(c cell) store { return &sumDecimal{cell: c} }, 2
	case column.Float64:
		return func(c cell) store { return &sumFloat{cell: c} }, 2
	}
	return nil, 0
}

// total is a store of exact sums, for functions that go on computing with them.
type total interface {
	// sum is the exact sum (of unscaled decimals), or the float that special
	// terms force.
	sum(group uint32) (x *big.Rat, forced float64, is bool)
	// short is the exact sum, if it is not longer than scaled.
	short(group uint32) (x scaled, ok bool)
}

// carries is the part of the sums of a store that its words cannot hold: for each
// group, how often the sum wrapped around upwards less how often downwards. Hardly
// any sum ever wraps, so the slice is empty until one does.
type carries []int64

func (c carries) of(group uint32) int64 {
	if int(group) < len(c) {
		return c[group]
	}
	return 0
}

// add counts wraps, in a table of so many groups.
func (c *carries) add(group uint32, n int64, groups int) {
	if n == 0 {
		return
	}
	if len(*c) < groups {
		grown := make(carries, groups)
		copy(grown, *c)
		*c = grown
	}
	(*c)[group] += n
}

func (c carries) release(group uint32) {
	if int(group) < len(c) {
		c[group] = 0
	}
}

// sumInt is the sum of int64. The word is the sum modulo 2^64 as a signed number
// and carries has the rest, so no order of rows or merges wraps silently; only a
// result beyond int64 is null, and counted as an overflow.
//
//	encoding  integer
type sumInt struct {
	cell
	carries carries
}

func (s *sumInt) add(c *chunk) {
	words, stride, at := s.table.words, s.table.stride, s.at
	values := c.ints(0)
	groups := c.groups[:len(values)]
	for i, v := range values {
		p := &words[int(groups[i])*stride+at]
		old := int64(*p)
		sum := old + v
		*p = uint64(sum)
		if (old^sum)&(v^sum) < 0 {
			s.carries.add(groups[i], wrap(v), s.table.groups)
		}
	}
}

// wrap is the carry of a signed sum that overflowed when v was added last.
func wrap(v int64) int64 { return v>>63 | 1 }

// addWide adds a number of 128 bits, the high limb counting in units of 2^64 on
// top of a signed low one.
func (s *sumInt) addWide(group uint32, low, carry int64) {
	p := s.word(group)
	old := int64(*p)
	sum := old + low
	*p = uint64(sum)
	if (old^sum)&(low^sum) < 0 {
		carry += wrap(low)
	}
	s.carries.add(group, carry, s.table.groups)
}

func (s *sumInt) merge(group uint32, src store, from uint32) {
	o := src.(*sumInt)
	s.addWide(group, int64(*o.word(from)), o.carries.of(from))
}

func (s *sumInt) retract(group uint32, src store, from uint32) {
	o := src.(*sumInt)
	low, carry := int64(*o.word(from)), -o.carries.of(from)
	if low == -low && low != 0 { // -2^63 has no counterpart: 2^63 = 2^64 - 2^63
		s.addWide(group, low, carry+1)
		return
	}
	s.addWide(group, -low, carry)
}

// limbs is the sum as two's complement of 128 bits.
func (s *sumInt) limbs(group uint32) (low, high uint64) {
	low = *s.word(group)
	return low, uint64(s.carries.of(group) + int64(low)>>63)
}

func (s *sumInt) encode(group uint32, b []byte) []byte {
	low, high := s.limbs(group)
	return appendInteger(b, low, high)
}

func (s *sumInt) decode(group uint32, b []byte) (rest []byte, err error) {
	var low, high uint64
	if rest, err = readInteger(b, &low, &high); err != nil {
		return nil, err
	}
	*s.word(group) = low
	s.carries.add(group, int64(high)-int64(low)>>63, s.table.groups)
	return rest, nil
}

func (s *sumInt) finish(group uint32, v *column.Value) bool {
	if s.carries.of(group) != 0 {
		return false
	}
	v.Null, v.Int = false, int64(*s.word(group))
	return true
}

func (s *sumInt) fill(groups []uint32, out *column.Column) (overflows int) {
	words, stride, at := s.table.words, s.table.stride, s.at
	if len(s.carries) == 0 {
		for _, g := range groups {
			out.Ints = append(out.Ints, int64(words[int(g)*stride+at]))
		}
		return 0
	}
	for _, g := range groups {
		v := column.Value{Type: out.Type, Null: true}
		if !s.finish(g, &v) {
			overflows++
		}
		out.Append(v)
	}
	return overflows
}

func (s *sumInt) release(group uint32) { s.carries.release(group) }

func (s *sumInt) sum(group uint32) (x *big.Rat, forced float64, is bool) {
	low, high := s.limbs(group)
	return new(big.Rat).SetInt(bigOf(low, high)), 0, false
}

func (s *sumInt) short(group uint32) (x scaled, ok bool) {
	low, high := s.limbs(group)
	return scaledDecimal(column.Decimal{Hi: int64(high), Lo: low}), true
}
