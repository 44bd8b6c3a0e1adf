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

// powerSums are the exact sums of the finite values and of their squares.
func powerSums(rows []member) (sum, squares *big.Rat) {
	s := new(big.Float).SetPrec(sumBits)
	q := new(big.Float).SetPrec(squareBits)
	si, qi, scale := new(big.Int), new(big.Int), 0
	for _, m := range rows {
		switch v := m.args[0]; v.Type.Kind {
		case column.Float64:
			if v.Float-v.Float != 0 {
				continue // NaN or an infinity
			}
			x := new(big.Float).SetPrec(squareBits).SetFloat64(v.Float)
			s.Add(s, x)
			q.Add(q, x.Mul(x, x))
		case column.Decimal128:
			scale = int(v.Type.Scale)
			x := decimalInt(v.Decimal)
			si.Add(si, x)
			qi.Add(qi, x.Mul(x, x))
		default:
			x := big.NewInt(v.Int)
			si.Add(si, x)
			qi.Add(qi, x.Mul(x, x))
		}
	}
	sum, _ = s.Rat(nil)
	squares, _ = q.Rat(nil)
	sum.Add(sum, new(big.Rat).SetFrac(si, power10(scale)))
	squares.Add(squares, new(big.Rat).SetFrac(qi, power10(2*scale)))
	return sum, squares
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
	exact, _ := powerSums(rows)
	switch argument.Kind {
	case column.Float64:
		return floatValue(nearest(exact))
	case column.Decimal128:
		t := column.Type{Kind: column.Decimal128, Precision: column.DecimalDigitsMax, Scale: argument.Scale}
		exact.Mul(exact, new(big.Rat).SetInt(power10(int(argument.Scale))))
		d, ok := intDecimal(exact.Num())
		if !ok {
			return nullValue(t)
		}
		return column.Value{Type: t, Decimal: d}
	}
	if !exact.Num().IsInt64() {
		return nullValue(column.TypeOf(column.Int64))
	}
	return intValue(exact.Num().Int64())
}

// mean is the float nearest to the quotient of the exact sum and the count.
func mean(rows []member) column.Value {
	if len(rows) == 0 {
		return nullValue(column.TypeOf(column.Float64))
	}
	if f, ok := special(rows); ok {
		return floatValue(f)
	}
	exact, _ := powerSums(rows)
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
	s, q := powerSums(rows)
	q.Mul(q, new(big.Rat).SetInt64(n))
	q.Sub(q, s.Mul(s, s))
	q.Quo(q, new(big.Rat).SetInt64(below))
	if name == "stddev" || name == "stddev_pop" {
		return floatValue(nearestRoot(q))
	}
	return floatValue(nearest(q))
}
