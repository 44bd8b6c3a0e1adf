package aggregate

import (
	"math/big"
	"math/bits"

	"parallax/engine/flow/column"
)

// mean is the quotient of the exact sum and the number of rows, rounded once to
// the nearest float64, ties to even; null without rows. Special floats count as in
// sumFloat.
//
//	encoding  n as count, then the sum as the type's sum
type mean struct {
	tuple
	n     *count
	x     total
	scale uint8
	unit  uint64 // 10^scale, 0 if that is long
}

func bindMean(c Call) (*function, error) {
	t, err := oneArgument(c)
	if err != nil {
		return nil, err
	}
	open, words := openSum(t)
	if open == nil {
		return nil, ErrArguments
	}
	return &function{
		result: column.TypeOf(column.Float64), retracts: true, words: 1 + words,
		open: func(c cell) store {
			n := &count{c}
			x := open(cell{c.table, c.at + 1})
			return &mean{tuple{[]store{n, x}}, n, x.(total), t.Scale, unitOf(t.Scale)}
		},
	}, nil
}

func (s *mean) merge(group uint32, src store, from uint32) {
	s.mergeTuple(group, src.(*mean).tuple, from)
}

func (s *mean) retract(group uint32, src store, from uint32) {
	s.retractTuple(group, src.(*mean).tuple, from)
}

func (s *mean) finish(group uint32, v *column.Value) bool {
	n := *s.n.word(group)
	if n == 0 {
		return true
	}
	v.Null = false
	if x, ok := s.x.short(group); ok {
		if hi, d := bits.Mul64(n, s.unit); hi == 0 && d != 0 && d < 1<<63 {
			if v.Float, ok = x.quotient(d); ok {
				return true
			}
		}
	}
	x, forced, is := s.x.sum(group)
	if is {
		v.Float = forced
		return true
	}
	v.Float, _ = x.Quo(x, new(big.Rat).SetInt(s.divisor(n))).Float64()
	return true
}

// divisor is n rows times the power of ten that is in unscaled decimals.
func (s *mean) divisor(n uint64) *big.Int {
	d := new(big.Int).SetUint64(n)
	return d.Mul(d, powerOfTen(int(s.scale)))
}
