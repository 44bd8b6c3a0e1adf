package aggregate

import (
	"math"
	"math/bits"

	"parallax/engine/flow/column"
)

// scaled is an exact number of up to 128 bits: ±(hi:lo) * 2^exp.
type scaled struct {
	hi, lo uint64
	exp    int
	neg    bool
}

// scaledDecimal is an integer of 128 bits.
func scaledDecimal(d column.Decimal) scaled {
	hi, lo := magnitudeOf(d)
	return scaled{hi: hi, lo: lo, neg: d.Negative()}
}

// scaledPair is the exact sum of two floats, if they are near enough together.
func scaledPair(a, b float64) (s scaled, ok bool) {
	am, ae, an := decompose(a)
	bm, be, bn := decompose(b)
	switch {
	case bm == 0:
		return scaled{lo: am, exp: ae, neg: an}, true
	case am == 0:
		return scaled{lo: bm, exp: be, neg: bn}, true
	case ae < be:
		am, ae, an, bm, be, bn = bm, be, bn, am, ae, an
	}
	shift := uint(ae - be)
	if shift > 126-53 { // below 2^126 neither sum nor difference overflows
		return scaled{}, false
	}
	s = scaled{hi: am >> (64 - shift), lo: am << shift, exp: be, neg: an}
	if shift >= 64 {
		s.hi, s.lo = am<<(shift-64), 0
	}
	var c uint64
	if an == bn {
		s.lo, c = bits.Add64(s.lo, bm, 0)
		s.hi += c
		return s, true
	}
	s.lo, c = bits.Sub64(s.lo, bm, 0)
	if s.hi, c = bits.Sub64(s.hi, 0, c); c != 0 {
		s.lo, c = bits.Sub64(0, s.lo, 0)
		s.hi, _ = bits.Sub64(0, s.hi, c)
		s.neg = !s.neg
	}
	return s, true
}

// quotient is s / d rounded to the nearest float64, ties to even, for 0 < d < 2^63;
// ok is false when the result may be subnormal, which needs another rounding.
func (s scaled) quotient(d uint64) (v float64, ok bool) {
	if s.hi|s.lo == 0 {
		return 0, true
	}
	// With the highest bit at 127 the quotient has more than 64 bits.
	if s.hi == 0 {
		s.hi, s.lo, s.exp = s.lo, 0, s.exp-64
	}
	zeros := bits.LeadingZeros64(s.hi)
	s.hi, s.lo, s.exp = s.hi<<zeros|s.lo>>(64-zeros), s.lo<<zeros, s.exp-zeros
	hi, rest := s.hi/d, s.hi%d
	lo, rest := bits.Div64(rest, s.lo, d)
	// Its first 62 bits, and one that says whether anything follows, round as all
	// of it does.
	zeros = bits.LeadingZeros64(hi)
	first := hi<<zeros | lo>>(64-zeros)
	top := first >> 1
	if first&1|lo<<zeros|rest != 0 {
		top |= 1
	}
	exp := s.exp + 65 - zeros
	if exp < -1022-62 {
		return 0, false
	}
	v = math.Ldexp(float64(int64(top)), exp)
	if s.neg {
		v = -v
	}
	return v, true
}
