package oracle

import (
	"math"
	"math/big"

	"parallax/engine/flow/column"
)

// Numbers are worked out in math/big: integers and unscaled decimals as big.Int,
// quotients as big.Rat, and floats as rationals, which every finite float is.

// decimalInt is the unscaled integer of a decimal.
func decimalInt(d column.Decimal) *big.Int {
	b := new(big.Int).Lsh(big.NewInt(d.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(d.Lo))
}

// intDecimal is the inverse; ok is false when b has more than 38 digits.
func intDecimal(b *big.Int) (d column.Decimal, ok bool) {
	if new(big.Int).Abs(b).Cmp(power10(column.DecimalDigitsMax)) >= 0 {
		return column.Decimal{}, false
	}
	lo := new(big.Int).And(b, new(big.Int).SetUint64(math.MaxUint64))
	return column.Decimal{Hi: new(big.Int).Rsh(b, 64).Int64(), Lo: lo.Uint64()}, true
}

// powers are the powers of ten that scales need, not to be changed.
var powers = func() (p [2*column.DecimalDigitsMax + 1]*big.Int) {
	for i := range p {
		p[i] = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(i)), nil)
	}
	return p
}()

func power10(digits int) *big.Int { return powers[digits] }

// rational is a finite number of any numeric type as a fraction; ok is false for
// NaN and the infinities.
func rational(v column.Value) (r *big.Rat, ok bool) {
	switch v.Type.Kind {
	case column.Int64, column.Timestamp:
		return new(big.Rat).SetInt64(v.Int), true
	case column.Decimal128:
		return new(big.Rat).SetFrac(decimalInt(v.Decimal), power10(int(v.Type.Scale))), true
	case column.Float64:
		r = new(big.Rat).SetFloat64(v.Float)
		return r, r != nil
	}
	return nil, false
}

// nearest is the float closest to r, ties to even; beyond the range it is
// infinite, as IEEE arithmetic has it.
func nearest(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f
}

// nearestRoot is the float closest to the square root of r, which is not
// negative: the root of an integer with far more bits than a float has decides,
// and what was cut off can only matter when it is not zero.
func nearestRoot(r *big.Rat) float64 {
	if r.Sign() == 0 {
		return 0
	}
	const shift = 2400 // even; leaves > 64 correct bits for the smallest ratios of floats
	n := new(big.Int).Lsh(r.Num(), 2*shift)
	q, rest := new(big.Int).QuoRem(n, r.Denom(), new(big.Int))
	root := new(big.Int).Sqrt(q)
	sticky := rest.Sign() != 0 || new(big.Int).Mul(root, root).Cmp(q) != 0
	root.Lsh(root, 1)
	if sticky {
		root.SetBit(root, 0, 1)
	}
	return nearest(new(big.Rat).SetFrac(root, new(big.Int).Lsh(big.NewInt(1), shift+1)))
}
