package oracle

import (
	"math"
	"math/big"
	"slices"

	"parallax/engine/flow/column"
)

// hll is the HyperLogLog estimate of how many different values there are: each
// value's hash names a register by its first bits, and of the hashes of one
// register the longest run of zeros behind those bits decides. The estimate is
// O. Ertl's improved raw estimator (arXiv:1702.01284, 2017, section 2.4), here as
// its series in high precision.
func hll(params []column.Value, rows []member) column.Value {
	precision := 14
	if len(params) > 0 {
		precision = int(params[0].Int)
	}
	registers := make(map[uint64]int)
	for _, v := range distinct(rows) {
		h := hash(v)
		index := h >> (64 - precision)
		rank := 1
		for bit := 63 - precision; bit >= 0 && h>>bit&1 == 0; bit-- {
			rank++
		}
		registers[index] = max(registers[index], rank)
	}
	if len(registers) == 0 {
		return intValue(0)
	}
	longest := 64 - precision + 1
	counts := make([]int64, longest+1)
	counts[0] = 1<<precision - int64(len(registers))
	for _, rank := range registers {
		counts[rank]++
	}
	m := wide(float64(int64(1) << precision))
	z := wide(0)
	z.Mul(m, sigma(new(big.Float).Quo(wide(float64(counts[0])), m)))
	for rank := 1; rank < longest; rank++ {
		z.Add(z, new(big.Float).SetMantExp(wide(float64(counts[rank])), -rank))
	}
	tail := wide(1)
	tail.Sub(tail, new(big.Float).Quo(wide(float64(counts[longest])), m))
	z.Add(z, new(big.Float).SetMantExp(new(big.Float).Mul(m, tau(tail)), 1-longest))
	alpha, _, _ := big.ParseFloat("0.72134752044448170367996234050094606", 10, 200, big.ToNearestEven)
	estimate := new(big.Float).Mul(alpha, new(big.Float).Mul(m, m))
	estimate.Quo(estimate, z).Add(estimate, wide(0.5))
	n, _ := estimate.Int64()
	return intValue(n)
}

func wide(f float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(f) }

// small tells when the terms of a series no longer matter.
func small(x *big.Float) bool { return x.Sign() == 0 || x.MantExp(nil) < -190 }

// sigma is x + Σ x^(2^k) 2^(k-1), k >= 1, for 0 <= x < 1.
func sigma(x *big.Float) *big.Float {
	sum := new(big.Float).Copy(x)
	power := new(big.Float).Copy(x)
	for k := 1; ; k++ {
		power = new(big.Float).Mul(power, power)
		term := new(big.Float).SetMantExp(power, k-1)
		if small(term) {
			return sum
		}
		sum.Add(sum, term)
	}
}

// tau is (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3, k >= 1, for 0 <= x <= 1.
func tau(x *big.Float) *big.Float {
	if x.Sign() == 0 {
		return wide(0)
	}
	sum := wide(1)
	sum.Sub(sum, x)
	root := new(big.Float).Copy(x)
	for k := 1; ; k++ {
		root = new(big.Float).Sqrt(root)
		d := new(big.Float).Sub(wide(1), root)
		term := new(big.Float).SetMantExp(d.Mul(d, d), -k)
		if small(term) {
			return sum.Quo(sum, wide(3))
		}
		sum.Sub(sum, term)
	}
}

// hash is the engine's hash of a value, which is part of hll's definition: XXH3 of
// a string, and of other values splitmix64's finalizer over 64 bits that order as
// the values do.
func hash(v column.Value) uint64 {
	switch v.Type.Kind {
	case column.String:
		d := column.Dict{}
		return d.Hash(d.Append(v.String))
	case column.Decimal128:
		return scramble(v.Decimal.Lo ^ scramble(uint64(v.Decimal.Hi)))
	case column.Bool:
		if v.Bool {
			return scramble(1)
		}
		return scramble(0)
	case column.Float64:
		b := math.Float64bits(v.Float)
		switch {
		case math.IsNaN(v.Float):
			b = math.Float64bits(math.NaN()) + 1<<63
		case math.Signbit(v.Float):
			b = math.MaxUint64 - b
		default:
			b += 1 << 63
		}
		return scramble(b)
	}
	return scramble(uint64(v.Int) + 1<<63)
}

func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// quantile is the value of rank floor(p (n-1)) of n in ascending order. The least
// and the greatest are exact, any other is the middle of its bucket, of which each
// power of two has 128 of one width, if that does not leave the range of the
// values.
func quantile(params []column.Value, rows []member) column.Value {
	if len(rows) == 0 {
		return nullValue(column.TypeOf(column.Float64))
	}
	values := make([]float64, len(rows))
	for i, m := range rows {
		values[i] = toFloat(m.args[0]) + 0 // -0 + 0 is +0
	}
	slices.SortFunc(values, column.CompareFloats)
	last := len(values) - 1
	p, _ := rational(params[0])
	p.Mul(p, new(big.Rat).SetInt64(int64(last)))
	rank := int(new(big.Int).Quo(p.Num(), p.Denom()).Int64())
	v := values[rank]
	if rank == 0 || rank == last {
		return floatValue(v)
	}
	v = middle(v)
	if column.CompareFloats(v, values[0]) < 0 {
		v = values[0]
	}
	if column.CompareFloats(v, values[last]) > 0 {
		v = values[last]
	}
	return floatValue(v)
}

// middle is the middle of v's bucket.
func middle(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	fraction, exp := math.Frexp(math.Abs(v))    // fraction in [1/2, 1)
	bucket := int64(math.Floor(fraction * 256)) // of [128, 256)
	m := new(big.Float).SetInt64(2*bucket + 1)
	r, _ := m.SetMantExp(m, exp-9).Rat(nil)
	return math.Copysign(nearest(r), v)
}
