package aggregate

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
)

// exact is a number without rounding: an integer in two's complement, low limbs
// first, times 2^(64*low). The window of limbs grows to what the terms need, so
// that sums of like-sized floats take a few limbs and sums over the whole range of
// float64 34 (squares: 67). It is the superaccumulator of R. M. Neal, "Fast exact
// summation using small and large superaccumulators" (2015), with carries
// propagated at once.
//
// The zero value is 0. The highest limb keeps a spare bit: it is in [-2^62, 2^62)
// between calls.
type exact struct {
	low   int
	limbs []uint64
}

// reset makes x 0 and keeps its memory.
func (x *exact) reset() { x.low, x.limbs = 0, x.limbs[:0] }

// reach extends the window to limbs [from, to).
func (x *exact) reach(from, to int) {
	if len(x.limbs) == 0 {
		x.low = from
	}
	if more := x.low - from; more > 0 {
		n := len(x.limbs)
		for range more {
			x.limbs = append(x.limbs, 0)
		}
		copy(x.limbs[more:], x.limbs[:n])
		clear(x.limbs[:more])
		x.low = from
	}
	for x.low+len(x.limbs) < to {
		x.limbs = append(x.limbs, x.sign())
	}
}

// sign is the limb that continues x upwards: all zeros or all ones.
func (x *exact) sign() uint64 {
	if n := len(x.limbs); n > 0 {
		return uint64(int64(x.limbs[n-1]) >> 63)
	}
	return 0
}

// spare restores the spare bit of the highest limb.
func (x *exact) spare() {
	if top := x.limbs[len(x.limbs)-1]; top+1<<62 >= 1<<63 {
		x.limbs = append(x.limbs, x.sign())
	}
}

// addScaled adds or subtracts (hi:lo) * 2^exp.
func (x *exact) addScaled(hi, lo uint64, exp int, subtract bool) {
	at, shift := exp>>6, uint(exp&63)
	x.reach(at, at+4)
	term := [3]uint64{lo << shift, hi<<shift | lo>>(64-shift), hi >> (64 - shift)}
	limbs, carry := x.limbs[at-x.low:], uint64(0)
	if subtract {
		for i := range limbs {
			if i < 3 {
				limbs[i], carry = bits.Sub64(limbs[i], term[i], carry)
			} else if limbs[i], carry = bits.Sub64(limbs[i], 0, carry); carry == 0 {
				break
			}
		}
	} else {
		for i := range limbs {
			if i < 3 {
				limbs[i], carry = bits.Add64(limbs[i], term[i], carry)
			} else if limbs[i], carry = bits.Add64(limbs[i], 0, carry); carry == 0 {
				break
			}
		}
	}
	x.spare()
}

// addFloat adds or subtracts a finite float.
func (x *exact) addFloat(v float64, subtract bool) {
	m, exp, neg := decompose(v)
	if m != 0 {
		x.addScaled(0, m, exp, neg != subtract)
	}
}

// addSquare adds or subtracts the square of a finite float.
func (x *exact) addSquare(v float64, subtract bool) {
	m, exp, _ := decompose(v)
	if m != 0 {
		hi, lo := bits.Mul64(m, m)
		x.addScaled(hi, lo, 2*exp, subtract)
	}
}

// decompose takes a finite float apart: v = ±m * 2^exp.
func decompose(v float64) (m uint64, exp int, neg bool) {
	b := math.Float64bits(v)
	m, exp, neg = b&(1<<52-1), int(b>>52&0x7ff), b&signBit != 0
	if exp == 0 {
		return m, -1074, neg
	}
	return m | 1<<52, exp - 1075, neg
}

// addExact adds or subtracts another number, which may be x itself.
func (x *exact) addExact(y *exact, subtract bool) {
	if len(y.limbs) == 0 {
		return
	}
	sign, from, n := y.sign(), y.low, len(y.limbs)
	x.reach(from, from+n+1)
	limbs, carry := x.limbs[from-x.low:], uint64(0)
	for i := range limbs {
		term := sign
		if i < n {
			term = y.limbs[i+from-y.low]
		}
		if subtract {
			limbs[i], carry = bits.Sub64(limbs[i], term, carry)
		} else {
			limbs[i], carry = bits.Add64(limbs[i], term, carry)
		}
	}
	x.spare()
}

// normal is x as m * 2^exp with m odd, m in minimal limbs of two's complement; no
// limbs for 0. The limbs are valid until buf is used again.
func (x *exact) normal(buf []uint64) (m []uint64, exp int) {
	first := 0
	for first < len(x.limbs) && x.limbs[first] == 0 {
		first++
	}
	if first == len(x.limbs) {
		return nil, 0
	}
	src := x.limbs[first:]
	zeros := uint(bits.TrailingZeros64(src[0]))
	m = buf[:0]
	for i, l := range src {
		next := x.sign()
		if i+1 < len(src) {
			next = src[i+1]
		}
		m = append(m, l>>zeros|next<<(64-zeros))
	}
	return m, 64*(x.low+first) + int(zeros)
}

// encode appends
//
//	m    integer, odd, or 0
//	exp  if m is not 0: zigzag uvarint; the number is m * 2^exp
func (x *exact) encode(b []byte) []byte {
	var buf [8]uint64
	m, exp := x.normal(buf[:])
	if len(m) == 0 {
		return appendUint(b, 0)
	}
	b = appendInteger(b, m...)
	return appendUint(b, uint64(exp)<<1^uint64(exp>>63))
}

// decode reads a number whose bits all lie in [2^expMin, 2^expMax).
func (x *exact) decode(b []byte, expMin, expMax int) (rest []byte, err error) {
	x.reset()
	p, b, err := readBytes(b)
	if err != nil || len(p) == 0 {
		return b, err
	}
	if err := checkInteger(p, len(p)); err != nil {
		return nil, err
	}
	z, b, err := readUint(b)
	if err != nil {
		return nil, err
	}
	exp := int64(z>>1) ^ -int64(z&1)
	if p[0]&1 == 0 || exp < int64(expMin) || exp+8*int64(len(p)) > int64(expMax)+8 {
		return nil, fmt.Errorf("%w: sum is not odd or out of range", ErrEncoding)
	}
	at, shift := int(exp)>>6, uint(exp&63)
	n := len(p)/8 + 2 // one limb more than the integer has, and one for the shift
	x.reach(at, at+n)
	var below uint64
	for i := range n {
		l := limbOf(p, i)
		x.limbs[i] = l<<shift | below>>(64-shift)
		below = l
	}
	x.spare()
	return b, nil
}

// float is x rounded to the nearest float64, ties to even; beyond the range it is
// an infinity.
func (x *exact) float() float64 {
	neg := x.sign() != 0
	carry := x.sign() & 1
	var mag exact
	var buf [8]uint64
	mag.low, mag.limbs = x.low, buf[:0]
	for _, l := range x.limbs {
		l ^= x.sign()
		l, carry = bits.Add64(l, 0, carry)
		mag.limbs = append(mag.limbs, l)
	}
	n := len(mag.limbs)
	for n > 0 && mag.limbs[n-1] == 0 {
		n--
	}
	if n == 0 {
		return 0
	}
	top := 64*(x.low+n) - bits.LeadingZeros64(mag.limbs[n-1]) - 1 // 2^top <= |x|
	last := max(top-52, -1074)                                    // exponent of the last bit that is kept
	m := mag.bitsFrom(last)
	if half := mag.bitsFrom(last-1) & 1; half == 1 && (m&1 == 1 || mag.anyBelow(last-1)) {
		m++
	}
	v := math.Ldexp(float64(m), last)
	if neg {
		v = -v
	}
	return v
}

// bitsFrom is 64 bits of a number that is not negative, from 2^exp on.
func (x *exact) bitsFrom(exp int) uint64 {
	at, shift := exp>>6-x.low, uint(exp&63)
	limb := func(i int) uint64 {
		if i < 0 || i >= len(x.limbs) {
			return 0
		}
		return x.limbs[i]
	}
	return limb(at)>>shift | limb(at+1)<<(64-shift)
}

// anyBelow tells whether a number that is not negative has a bit below 2^exp.
func (x *exact) anyBelow(exp int) bool {
	for i, l := range x.limbs {
		switch first := 64 * (x.low + i); {
		case first+64 <= exp:
		case first >= exp:
			return false
		default:
			l <<= uint(64 - (exp - first))
		}
		if l != 0 {
			return true
		}
	}
	return false
}

// rat is x as a fraction.
func (x *exact) rat() *big.Rat {
	m, exp := x.normal(nil)
	return scaleRat(bigOf(m...), exp)
}

// scaleRat is m * 2^exp.
func scaleRat(m *big.Int, exp int) *big.Rat {
	if exp >= 0 {
		return new(big.Rat).SetInt(m.Lsh(m, uint(exp)))
	}
	return new(big.Rat).SetFrac(m, new(big.Int).Lsh(big.NewInt(1), uint(-exp)))
}

// bigOf is the integer with the given limbs, two's complement, low limbs first.
func bigOf(limbs ...uint64) *big.Int {
	n := new(big.Int)
	if len(limbs) == 0 {
		return n
	}
	for i := len(limbs) - 1; i >= 0; i-- {
		n.Lsh(n, 64)
		if i == len(limbs)-1 {
			n.SetInt64(int64(limbs[i]))
		} else {
			n.Or(n, new(big.Int).SetUint64(limbs[i]))
		}
	}
	return n
}

// split is x as a sum of two floats, if it is one.
func (x *exact) split(rest *exact) (hi, lo float64, ok bool) {
	if hi = x.float(); math.IsInf(hi, 0) {
		return 0, 0, false
	}
	rest.reset()
	rest.addExact(x, false)
	rest.addFloat(hi, true)
	lo = rest.float()
	rest.addFloat(lo, true)
	for _, l := range rest.limbs {
		if l != 0 {
			return 0, 0, false
		}
	}
	return hi, lo, true
}
