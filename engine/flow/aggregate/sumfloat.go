package aggregate

import (
	"math"
	"math/big"

	"parallax/engine/flow/column"
)

// sumFloat is the exact sum of float64, rounded once, at the end, to the nearest
// float64, ties to even.
//
// Small form: two words, hi and lo, floats whose exact sum is the sum. A term x is
// added by hi + x = s + e and lo + e = t + f without error (Knuth's TwoSum, The
// Art of Computer Programming vol. 2, 4.2.2, Theorem B; expansions: J. R. Shewchuk,
// 1997), and (s, t) is the new pair if f is zero. The pair need not be
// non-overlapping: hi + lo, one IEEE addition, is correctly rounded anyway. If f is
// not zero, or not a number because something overflowed, the pair is made
// non-overlapping first, and if that does not help the sum moves to a wide form,
// which holds every sum of floats. Which form a sum is in depends on the
// order of rows; no answer and no encoding does.
//
// Special terms are counted: any NaN, or both infinities, give NaN; an infinity
// gives itself. Finite terms whose sum lies beyond the range give an infinity, but
// the sum itself is kept and may come back. A sum that is zero is +0, whatever the
// signs of zero terms, as that of a loop that starts at 0.
//
//	encoding  flag 0, or 1 and the numbers of NaN, +Inf and -Inf, uvarint each
//	          the sum of the finite terms as exact.encode writes it
type sumFloat struct {
	cell
	wides pool[wideSum]
	spare exact
}

// wideSum is the wide form.
type wideSum struct {
	finite   exact
	specials [3]uint64 // NaN, +Inf, -Inf
}

// wideTag in the first word says that the second one is the number of a wide
// form. It is a NaN, which the first word of a small form never is, so the test of
// f finds it without one more.
const wideTag = 0x7ff8_0000_0000_0001

func (s *sumFloat) add(c *chunk) {
	words, stride, at := s.table.words, s.table.stride, s.at
	values := c.floats(0)
	if c.single {
		s.addRun(c.groups[0], values)
		return
	}
	groups := c.groups[:len(values)]
	for i, x := range values {
		at := int(groups[i])*stride + at
		p := words[at : at+2 : at+2]
		hi, lo := math.Float64frombits(p[0]), math.Float64frombits(p[1])
		sum, e := twoSum(hi, x)
		t, f := twoSum(lo, e)
		if f == 0 {
			p[0], p[1] = math.Float64bits(sum), math.Float64bits(t)
			continue
		}
		s.addTerm(p, x)
	}
}

// addRun adds terms to one group, holding it in registers for as long as it is
// small.
func (s *sumFloat) addRun(group uint32, values []float64) {
	p := s.words(group)
	hi, lo := math.Float64frombits(p[0]), math.Float64frombits(p[1])
	for i, x := range values {
		sum, e := twoSum(hi, x)
		t, f := twoSum(lo, e)
		if f == 0 {
			hi, lo = sum, t
			continue
		}
		if p[0] != wideTag {
			p[0], p[1] = math.Float64bits(hi), math.Float64bits(lo)
		}
		if s.addTerm(p, x); p[0] == wideTag {
			w := s.wide(p)
			for _, x := range values[i+1:] {
				w.add(x, 1)
			}
			return
		}
		hi, lo = math.Float64frombits(p[0]), math.Float64frombits(p[1])
	}
	p[0], p[1] = math.Float64bits(hi), math.Float64bits(lo)
}

// twoSum is a + b rounded and what rounding lost.
func twoSum(a, b float64) (sum, lost float64) {
	sum = a + b
	c := sum - a
	return sum, (a - (sum - c)) + (b - c)
}

// words is the two words of a group.
func (s *sumFloat) words(group uint32) []uint64 {
	i := s.index(group)
	return s.table.words[i : i+2]
}

// wide is the wide form of a group, nil if it is small.
func (s *sumFloat) wide(p []uint64) *wideSum {
	if p[0] != wideTag {
		return nil
	}
	return s.wides.get(p[1])
}

// widen moves a sum to the wide form.
func (s *sumFloat) widen(p []uint64) *wideSum {
	if w := s.wide(p); w != nil {
		return w
	}
	hi, lo := math.Float64frombits(p[0]), math.Float64frombits(p[1])
	p[0], p[1] = wideTag, 0
	w := s.wides.make(&p[1])
	w.finite.addFloat(hi, false)
	w.finite.addFloat(lo, false)
	return w
}

// add adds a term n times, n being 1 or -1.
func (w *wideSum) add(x float64, n int) {
	switch {
	case x != x:
		w.specials[0] += uint64(n)
	case math.IsInf(x, 1):
		w.specials[1] += uint64(n)
	case math.IsInf(x, -1):
		w.specials[2] += uint64(n)
	default:
		w.finite.addFloat(x, n < 0)
	}
}

func (w *wideSum) merge(o *wideSum) {
	w.finite.addExact(&o.finite, false)
	for i, n := range o.specials {
		w.specials[i] += n
	}
}

// round is the sum as a float.
func (w *wideSum) round() float64 {
	if v, forced := special(w.specials); forced {
		return v
	}
	return w.finite.float()
}

// addTerm adds a term with all means: if the pair and the term do not sum to a
// pair, the low float may have grown up to the high one, so it is made small again
// before the sum moves to the wide form.
func (s *sumFloat) addTerm(p []uint64, x float64) {
	if p[0] != wideTag {
		hi, lo := math.Float64frombits(p[0]), math.Float64frombits(p[1])
		for range 2 {
			sum, e := twoSum(hi, x)
			t, f := twoSum(lo, e)
			if f == 0 {
				p[0], p[1] = math.Float64bits(sum), math.Float64bits(t)
				return
			}
			hi, lo = twoSum(hi, lo)
		}
	}
	s.widen(p).add(x, 1)
}

func (s *sumFloat) merge(group uint32, src store, from uint32) {
	o := src.(*sumFloat)
	p, q := s.words(group), o.words(from)
	if w := o.wide(q); w != nil {
		s.widen(p).merge(w)
		return
	}
	hi, lo := math.Float64frombits(q[0]), math.Float64frombits(q[1])
	s.addTerm(p, hi)
	s.addTerm(p, lo)
}

func (s *sumFloat) retract(group uint32, src store, from uint32) {
	o := src.(*sumFloat)
	p, q := s.words(group), o.words(from)
	if w := o.wide(q); w != nil {
		mine := s.widen(p)
		mine.finite.addExact(&w.finite, true)
		for i, n := range w.specials {
			subtractCount(&mine.specials[i], n)
		}
		return
	}
	hi, lo := math.Float64frombits(q[0]), math.Float64frombits(q[1])
	s.addTerm(p, -hi)
	s.addTerm(p, -lo)
}

// value is the sum of the finite terms, valid until the next call, and the numbers
// of special ones.
func (s *sumFloat) value(group uint32) (finite *exact, specials [3]uint64) {
	p := s.words(group)
	if w := s.wide(p); w != nil {
		return &w.finite, w.specials
	}
	s.spare.reset()
	s.spare.addFloat(math.Float64frombits(p[0]), false)
	s.spare.addFloat(math.Float64frombits(p[1]), false)
	return &s.spare, specials
}

func (s *sumFloat) encode(group uint32, b []byte) []byte {
	finite, specials := s.value(group)
	if specials == [3]uint64{} {
		b = append(b, 0)
	} else {
		b = append(b, 1)
		for _, n := range specials {
			b = appendUint(b, n)
		}
	}
	return finite.encode(b)
}

// sumBitsMax bounds the bits of a sum of up to 2^63 floats.
const sumBitsMax = 1024 + 64

func (s *sumFloat) decode(group uint32, b []byte) (rest []byte, err error) {
	var specials [3]uint64
	some, b, err := readFlag(b)
	if err != nil {
		return nil, err
	}
	for i := range specials {
		if some {
			if specials[i], b, err = readCount(b); err != nil {
				return nil, err
			}
		}
	}
	if some && specials == [3]uint64{} {
		return nil, errSpecials
	}
	var x exact
	if b, err = x.decode(b, -1074, sumBitsMax); err != nil {
		return nil, err
	}
	p := s.words(group)
	if hi, lo, ok := x.split(&s.spare); ok && !some {
		p[0], p[1] = math.Float64bits(hi), math.Float64bits(lo)
		return b, nil
	}
	w := s.widen(p)
	w.finite, w.specials = x, specials
	return b, nil
}

// special is the result that special terms force.
func special(n [3]uint64) (v float64, forced bool) {
	switch {
	case n[0] > 0 || n[1] > 0 && n[2] > 0:
		return math.NaN(), true
	case n[1] > 0:
		return math.Inf(1), true
	case n[2] > 0:
		return math.Inf(-1), true
	}
	return 0, false
}

// round is the sum as a float.
func (s *sumFloat) round(group uint32) float64 {
	p := s.words(group)
	if w := s.wide(p); w != nil {
		return w.round()
	}
	return math.Float64frombits(p[0]) + math.Float64frombits(p[1])
}

func (s *sumFloat) finish(group uint32, v *column.Value) bool {
	v.Null, v.Float = false, s.round(group)
	return true
}

func (s *sumFloat) fill(groups []uint32, out *column.Column) (overflows int) {
	for _, g := range groups {
		out.Floats = append(out.Floats, s.round(g))
	}
	return 0
}

func (s *sumFloat) release(group uint32) {
	if p := s.words(group); p[0] == wideTag {
		s.wides.drop(&p[1])
	}
}

func (s *sumFloat) sum(group uint32) (x *big.Rat, forced float64, is bool) {
	finite, specials := s.value(group)
	if forced, is = special(specials); is {
		return nil, forced, true
	}
	return finite.rat(), 0, false
}

func (s *sumFloat) short(group uint32) (x scaled, ok bool) {
	p := s.words(group)
	if p[0] == wideTag {
		return scaled{}, false
	}
	return scaledPair(math.Float64frombits(p[0]), math.Float64frombits(p[1]))
}
