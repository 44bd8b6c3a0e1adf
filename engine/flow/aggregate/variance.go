package aggregate

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"

	"parallax/engine/flow/column"
)

// variance is the variance or its root from exact power sums n, Σx and Σx²:
//
//	(n Σx² - (Σx)²) / (n (n - d))   d = 1 for a sample, 0 for a population
//
// computed in fractions and rounded once to the nearest float64, ties to even (the
// root is of the exact variance, not of a rounded one). Null for n <= d. Special
// floats give NaN.
//
//	encoding  n as count, then Σx as the type's sum, then Σx² as squares or
//	          squaresFloat
type variance struct {
	tuple
	n       *count
	x       total
	squares interface{ squaresOf(group uint32) *big.Rat }
	scale   uint8
	sample  uint64 // d
	root    bool
}

func bindVariance(c Call) (*function, error)           { return bindSpread(c, 1, false) }
func bindVariancePopulation(c Call) (*function, error) { return bindSpread(c, 0, false) }
func bindStddev(c Call) (*function, error)             { return bindSpread(c, 1, true) }
func bindStddevPopulation(c Call) (*function, error)   { return bindSpread(c, 0, true) }

func bindSpread(c Call, sample uint64, root bool) (*function, error) {
	t, err := oneArgument(c)
	if err != nil {
		return nil, err
	}
	openX, words := openSum(t)
	if openX == nil {
		return nil, ErrArguments
	}
	limbs := map[column.Kind]int{column.Int64: 3, column.Decimal128: 5, column.Float64: 1}[t.Kind]
	open := func(c cell) store {
		n := &count{c}
		x := openX(cell{c.table, c.at + 1})
		at := cell{c.table, c.at + 1 + words}
		s := &variance{n: n, x: x.(total), scale: t.Scale, sample: sample, root: root}
		if t.Kind == column.Float64 {
			q := &squaresFloat{cell: at}
			s.squares, s.parts = q, []store{n, x, q}
		} else {
			q := &squares{at, limbs}
			s.squares, s.parts = q, []store{n, x, q}
		}
		return s
	}
	return &function{result: column.TypeOf(column.Float64), retracts: true, words: 1 + words + limbs, open: open}, nil
}

func (s *variance) merge(group uint32, src store, from uint32) {
	s.mergeTuple(group, src.(*variance).tuple, from)
}

func (s *variance) retract(group uint32, src store, from uint32) {
	s.retractTuple(group, src.(*variance).tuple, from)
}

func (s *variance) finish(group uint32, v *column.Value) bool {
	n := *s.n.word(group)
	if n <= s.sample {
		return true
	}
	v.Null = false
	x, _, is := s.x.sum(group)
	if is {
		v.Float = math.NaN()
		return true
	}
	rows := new(big.Rat).SetInt(new(big.Int).SetUint64(n))
	num := s.squares.squaresOf(group)
	num.Mul(num, rows)
	num.Sub(num, x.Mul(x, x))
	den := new(big.Int).SetUint64(n - s.sample)
	den.Mul(den, rows.Num())
	den.Mul(den, powerOfTen(2*int(s.scale)))
	num.Quo(num, new(big.Rat).SetInt(den))
	if s.root {
		v.Float = rootOf(num)
	} else {
		v.Float, _ = num.Float64()
	}
	return true
}

// rootOf is the square root of a fraction that is not negative, rounded to the
// nearest float64, ties to even. The integer root of x * 4^k, with k such that it
// has at least 64 bits, and a last bit that is set if anything was cut off, round
// as the root itself does.
func rootOf(x *big.Rat) float64 {
	if x.Sign() <= 0 {
		return 0
	}
	k := max(0, (130-x.Num().BitLen()+x.Denom().BitLen())/2)
	num := new(big.Int).Lsh(x.Num(), uint(2*k))
	whole, rest := new(big.Int).QuoRem(num, x.Denom(), new(big.Int))
	root := new(big.Int).Sqrt(whole)
	cut := rest.Sign() != 0 || new(big.Int).Mul(root, root).Cmp(whole) != 0
	root.Lsh(root, 1)
	if cut {
		root.SetBit(root, 0, 1)
	}
	v, _ := scaleRat(root, -k-1).Float64()
	return v
}

// squares is the exact sum of the squares of int64 or unscaled decimals: so many
// words, low limb first, which hold the squares of 2^63 rows.
//
//	encoding  integer, not negative
type squares struct {
	cell
	limbs int // 3 for int64, 5 for decimals
}

func (s *squares) words(group uint32) []uint64 {
	i := s.index(group)
	return s.table.words[i : i+s.limbs]
}

func (s *squares) add(c *chunk) {
	if c.args[0].Type.Kind == column.Decimal128 {
		for i, v := range c.decimals(0) {
			q := squareOf(v)
			addLimbs(s.words(c.groups[i]), q[:])
		}
		return
	}
	for i, v := range c.ints(0) {
		m := uint64(max(v, -v))
		hi, lo := bits.Mul64(m, m)
		p := s.words(c.groups[i])
		var carry uint64
		p[0], carry = bits.Add64(p[0], lo, 0)
		p[1], carry = bits.Add64(p[1], hi, carry)
		p[2] += carry
	}
}

// squareOf is d * d.
func squareOf(d column.Decimal) (q [4]uint64) {
	hi, lo := magnitudeOf(d)
	q[1], q[0] = bits.Mul64(lo, lo)
	q[3], q[2] = bits.Mul64(hi, hi)
	chi, clo := bits.Mul64(hi, lo)
	for range 2 {
		var carry uint64
		q[1], carry = bits.Add64(q[1], clo, 0)
		q[2], carry = bits.Add64(q[2], chi, carry)
		q[3] += carry
	}
	return q
}

// addLimbs adds term to acc, which is at least as long.
func addLimbs(acc, term []uint64) {
	var carry uint64
	for i := range acc {
		var t uint64
		if i < len(term) {
			t = term[i]
		}
		acc[i], carry = bits.Add64(acc[i], t, carry)
	}
}

func (s *squares) merge(group uint32, src store, from uint32) {
	addLimbs(s.words(group), src.(*squares).words(from))
}

func (s *squares) retract(group uint32, src store, from uint32) {
	p, q := s.words(group), src.(*squares).words(from)
	var borrow uint64
	for i := range p {
		p[i], borrow = bits.Sub64(p[i], q[i], borrow)
	}
}

func (s *squares) encode(group uint32, b []byte) []byte {
	return appendInteger(b, s.words(group)...)
}

func (s *squares) decode(group uint32, b []byte) (rest []byte, err error) {
	p, rest, err := readBytes(b)
	if err != nil {
		return nil, err
	}
	if err := checkInteger(p, s.limbs); err != nil {
		return nil, err
	}
	if n := len(p); n > 0 && p[n-1]&0x80 != 0 {
		return nil, errSquares
	}
	for i, words := 0, s.words(group); i < len(words); i++ {
		words[i] = limbOf(p, i)
	}
	return rest, nil
}

var errSquares = fmt.Errorf("%w: negative sum of squares", ErrEncoding)

func (s *squares) finish(uint32, *column.Value) bool { return true }

func (s *squares) squaresOf(group uint32) *big.Rat {
	return new(big.Rat).SetInt(bigOf(s.words(group)...))
}

// squaresFloat is the exact sum of the squares of finite floats; special ones are
// known to the sum beside it. One word, for an exact number outside.
//
//	encoding  as exact.encode writes it, not negative
type squaresFloat struct {
	cell
	sums pool[exact]
}

func (s *squaresFloat) add(c *chunk) {
	for i, v := range c.floats(0) {
		if v != 0 && v-v == 0 {
			s.sums.make(s.word(c.groups[i])).addSquare(v, false)
		}
	}
}

func (s *squaresFloat) merge(group uint32, src store, from uint32) {
	o := src.(*squaresFloat)
	if x := o.sums.get(*o.word(from)); x != nil {
		s.sums.make(s.word(group)).addExact(x, false)
	}
}

func (s *squaresFloat) retract(group uint32, src store, from uint32) {
	o := src.(*squaresFloat)
	if x := o.sums.get(*o.word(from)); x != nil {
		s.sums.make(s.word(group)).addExact(x, true)
	}
}

func (s *squaresFloat) encode(group uint32, b []byte) []byte {
	if x := s.sums.get(*s.word(group)); x != nil {
		return x.encode(b)
	}
	return appendUint(b, 0)
}

func (s *squaresFloat) decode(group uint32, b []byte) (rest []byte, err error) {
	var x exact
	rest, err = x.decode(b, -2*1074, 2048+64)
	switch {
	case err != nil:
		return nil, err
	case x.sign() != 0:
		return nil, errSquares
	case len(x.limbs) > 0:
		*s.sums.make(s.word(group)) = x
	}
	return rest, nil
}

func (s *squaresFloat) finish(uint32, *column.Value) bool { return true }

func (s *squaresFloat) squaresOf(group uint32) *big.Rat {
	if x := s.sums.get(*s.word(group)); x != nil {
		return x.rat()
	}
	return new(big.Rat)
}

func (s *squaresFloat) release(group uint32) { s.sums.drop(s.word(group)) }
