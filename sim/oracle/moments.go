package oracle

import (
	"math"
	"math/big"

	"parallax/engine/flow/column"
)

// Bits that hold any sum of finite floats, and of their squares, without
// rounding: from the lowest bit of the smallest to the highest of the greatest,
// and 64 more for the carries.
const (
	sumBits    = 1074 + 1024 + 64
	squareBits = 2*1074 + 2*1024 + 64
)

// exactSum is the sum of the finite values: of floats, and of integers and unscaled
// decimals, which need no denominators.
type exactSum struct {
	floats *big.Float
	ints   *big.Int
	scale  int // of the decimals
}

// totalOf adds up the finite values, or their squares, in so many bits.
func totalOf(rows []member, squared bool) exactSum {
	bits := uint(sumBits)
	if squared {
		bits = squareBits
	}
	t := exactSum{floats: new(big.Float).SetPrec(bits), ints: new(big.Int)}
	for _, m := range rows {
		var x *big.Int
		switch v := m.args[0]; v.Type.Kind {
		case column.Float64:
			if v.Float-v.Float != 0 {
				continue // NaN or an infinity
			}
			f := new(big.Float).SetPrec(106).SetFloat64(v.Float) // 53 bits, and exact squared
			if squared {
				f.Mul(f, f)
			}
			t.floats.Add(t.floats, f)
			continue
		case column.Decimal128:
			t.scale = int(v.Type.Scale)
			x = decimalInt(v.Decimal)
		default:
			x = big.NewInt(v.Int)
		}
		if squared {
			x.Mul(x, x)
		}
		t.ints.Add(t.ints, x)
	}
	if squared {
		t.scale *= 2
	}
	return t
}

// rational is the sum as a fraction.
func (t *exactSum) rational() *big.Rat {
	r, _ := t.floats.Rat(nil)
	return r.Add(r, new(big.Rat).SetFrac(t.ints, power10(t.scale)))
}

// special is what a sum over floats is when NaN or an infinity is among them.
func special(rows []member) (f float64, ok bool) {
	plus, minus := false, false
	for _, m := range rows {
		if v := m.args[0]; v.Type.Kind == column.Float64 {
			switch {
			case math.IsNaN(v.Float):
				return math.NaN(), true
			case math.IsInf(v.Float, 1):
				plus = true
			case math.IsInf(v.Float, -1):
				minus = true
			}
		}
	}
	switch {
	case plus && minus:
		return math.NaN(), true
	case plus:
		return math.Inf(1), true
	case minus:
		return math.Inf(-1), true
	}
	return 0, false
}

// sum is exact for integers and decimals, null when the result type cannot hold
// it, and for floats the float nearest to the real sum.
func sum(argument column.Type, rows []member) column.Value {
	if f, ok := special(rows); ok {
		return floatValue(f)
	}
	exact := totalOf(rows, false)
	switch argument.Kind {
	case column.Float64:
		f, _ := exact.floats.Float64() // rounded once
		return floatValue(f)
	case column.Decimal128:
		t := column.Type{Kind: column.Decimal128, Precision: column.DecimalDigitsMax, Scale: argument.Scale}
		d, ok := intDecimal(exact.ints)
		if !ok {
			return nullValue(t)
		}
		return column.Value{Type: t, Decimal: d}
	}
	if !exact.ints.IsInt64() {
		return nullValue(column.TypeOf(column.Int64))
	}
	return intValue(exact.ints.Int64())
}

// mean is the float nearest to the quotient of the exact sum and the count.
func mean(rows []member) column.Value {
	if len(rows) == 0 {
		return nullValue(column.TypeOf(column.Float64))
	}
	if f, ok := special(rows); ok {
		return floatValue(f)
	}
	t := totalOf(rows, false)
	exact := t.rational()
	return floatValue(nearest(exact.Quo(exact, new(big.Rat).SetInt64(int64(len(rows))))))
}

// spread is (n Σx² − (Σx)²) / (n (n−1)), with n² below for the whole population,
// or the root of it, rounded once.
func spread(name string, rows []member) column.Value {
	n := int64(len(rows))
	below := n * (n - 1)
	if name == "variance_pop" || name == "stddev_pop" {
		below = n * n
	}
	if below == 0 {
		return nullValue(column.TypeOf(column.Float64))
	}
	if _, ok := special(rows); ok {
		return floatValue(math.NaN())
	}
	sums, squares := totalOf(rows, false), totalOf(rows, true)
	s, q := sums.rational(), squares.rational()
	q.Mul(q, new(big.Rat).SetInt64(n))
	q.Sub(q, s.Mul(s, s))
	q.Quo(q, new(big.Rat).SetInt64(below))
	if name == "stddev" || name == "stddev_pop" {
		return floatValue(nearestRoot(q))
	}
	return floatValue(nearest(q))
}
