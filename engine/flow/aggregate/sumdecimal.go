package aggregate

import (
	"math/big"
	"math/bits"

	"parallax/engine/flow/column"
)

// sumDecimal is the sum of decimals of one scale: two words, the sum modulo 2^128
// as a signed number, low limb first, and carries for the rest. The result is
// decimal(38,s); one of more digits is null, and counted as an overflow.
//
//	encoding  integer, unscaled
type sumDecimal struct {
	cell
	carries carries
}

func (s *sumDecimal) add(c *chunk) {
	for i, v := range c.decimals(0) {
		s.addWide(c.groups[i], v, 0)
	}
}

// addWide adds a signed number of 128 bits, and a carry in units of 2^128.
func (s *sumDecimal) addWide(group uint32, v column.Decimal, carry int64) {
	i := s.index(group)
	p := s.table.words[i : i+2]
	sum, ok := (column.Decimal{Hi: int64(p[1]), Lo: p[0]}).Add(v)
	if !ok {
		carry += wrap(v.Hi)
	}
	p[0], p[1] = sum.Lo, uint64(sum.Hi)
	if carry != 0 {
		s.carries.add(group, carry, s.table.groups)
	}
}

// low is the sum modulo 2^128.
func (s *sumDecimal) low(group uint32) column.Decimal {
	i := s.index(group)
	return column.Decimal{Hi: int64(s.table.words[i+1]), Lo: s.table.words[i]}
}

func (s *sumDecimal) merge(group uint32, src store, from uint32) {
	o := src.(*sumDecimal)
	s.addWide(group, o.low(from), o.carries.of(from))
}

func (s *sumDecimal) retract(group uint32, src store, from uint32) {
	o := src.(*sumDecimal)
	v, carry := o.low(from), -o.carries.of(from)
	n, ok := v.Neg()
	if !ok { // -2^127 has no counterpart: 2^127 = 2^128 - 2^127
		carry++
	}
	s.addWide(group, n, carry)
}

// limbs is the sum as two's complement of 192 bits.
func (s *sumDecimal) limbs(group uint32) (l0, l1, l2 uint64) {
	v := s.low(group)
	return v.Lo, uint64(v.Hi), uint64(s.carries.of(group) + v.Hi>>63)
}

func (s *sumDecimal) encode(group uint32, b []byte) []byte {
	l0, l1, l2 := s.limbs(group)
	return appendInteger(b, l0, l1, l2)
}

func (s *sumDecimal) decode(group uint32, b []byte) (rest []byte, err error) {
	var l0, l1, l2 uint64
	if rest, err = readInteger(b, &l0, &l1, &l2); err != nil {
		return nil, err
	}
	i := s.index(group)
	s.table.words[i], s.table.words[i+1] = l0, l1
	s.carries.add(group, int64(l2)-int64(l1)>>63, s.table.groups)
	return rest, nil
}

func (s *sumDecimal) finish(group uint32, v *column.Value) bool {
	low := s.low(group)
	if s.carries.of(group) != 0 || !low.Fits(column.DecimalDigitsMax) {
		return false
	}
	v.Null, v.Decimal = false, low
	return true
}

func (s *sumDecimal) release(group uint32) { s.carries.release(group) }

func (s *sumDecimal) sum(group uint32) (x *big.Rat, forced float64, is bool) {
	l0, l1, l2 := s.limbs(group)
	return new(big.Rat).SetInt(bigOf(l0, l1, l2)), 0, false
}

func (s *sumDecimal) short(group uint32) (x scaled, ok bool) {
	return scaledDecimal(s.low(group)), s.carries.of(group) == 0
}

// magnitudeOf is |d| as two limbs.
func magnitudeOf(d column.Decimal) (hi, lo uint64) {
	if d.Hi >= 0 {
		return uint64(d.Hi), d.Lo
	}
	lo, borrow := bits.Sub64(0, d.Lo, 0)
	hi, _ = bits.Sub64(0, uint64(d.Hi), borrow)
	return hi, lo
}

// floatOf is the float64 nearest to a decimal, ties to even.
func floatOf(d column.Decimal, scale uint8) float64 {
	if scale <= 18 {
		if v, ok := scaledDecimal(d).quotient(unitOf(scale)); ok {
			return v
		}
	}
	v, _ := new(big.Rat).SetFrac(bigOf(d.Lo, uint64(d.Hi)), powerOfTen(int(scale))).Float64()
	return v
}

// unitOf is 10^scale, 0 if that is not below 2^63.
func unitOf(scale uint8) uint64 {
	if scale > 18 {
		return 0
	}
	unit := uint64(1)
	for range scale {
		unit *= 10
	}
	return unit
}

// powerOfTen is 10^n.
func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
