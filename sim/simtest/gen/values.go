package gen

import (
	"math"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

// Floats draws numbers of which many are awkward: NaN, infinities, -0, and such that
// no float64 holds their sums (1e16 and 1).
func Floats() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.SampledFrom([]float64{
			0, math.Copysign(0, -1), 1, -1, 0.1, 0.2, -0.3, 1e16, -1e16, 1e16 + 2, math.MaxFloat64, -math.MaxFloat64,
			math.SmallestNonzeroFloat64, 1.0 / 3, 1 << 53,
		}),
		rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)}),
		rapid.Map(rapid.IntRange(-100_000, 100_000), func(cents int) float64 { return float64(cents) / 100 }),
		rapid.Float64(),
	)
}

// Ints draws small numbers and those at the ends of int64.
func Ints() *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64Range(-5, 20),
		rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, 1 << 53, 1<<53 + 1, 255, -256}),
		rapid.Int64(),
	)
}

// Texts draws short texts: empty ones, some that are no UTF-8, and a long one now and
// then.
func Texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"a", "b", "c"}),
		rapid.SampledFrom([]string{"", "ab", "ä", "\"\n\\", "\xff", "\x00", " ", "null", "a long text, longer than those that are kept in place"}),
		rapid.StringN(0, 4, 16),
	)
}

// Values draws values of a type that are not null.
func Values(t column.Type) *rapid.Generator[column.Value] {
	switch t.Kind {
	case column.Bool:
		return rapid.Map(rapid.Bool(), func(b bool) column.Value { return column.Value{Type: t, Bool: b} })
	case column.Float64:
		return rapid.Map(Floats(), func(f float64) column.Value { return column.Value{Type: t, Float: f} })
	case column.String:
		return rapid.Map(Texts(), func(s string) column.Value { return column.Value{Type: t, String: s} })
	case column.Decimal128:
		return rapid.Map(decimals(t), func(d column.Decimal) column.Value { return column.Value{Type: t, Decimal: d} })
	}
	return rapid.Map(Ints(), func(n int64) column.Value { return column.Value{Type: t, Int: n} })
}

// decimals draws digits that fit a type.
func decimals(t column.Type) *rapid.Generator[column.Decimal] {
	most := int64(math.MaxInt64)
	if t.Precision < 19 {
		most = 1
		for range t.Precision {
			most *= 10
		}
		most--
	}
	return rapid.Map(rapid.OneOf(rapid.Int64Range(-min(most, 20), min(most, 20)), rapid.Int64Range(-most, most)), column.DecimalFromInt)
}

// Nullable draws values of a type, one in eight of them null.
func Nullable(t column.Type) *rapid.Generator[column.Value] {
	some := Values(t)
	return rapid.Custom(func(r *rapid.T) column.Value {
		if rapid.IntRange(0, 7).Draw(r, "null") == 0 {
			return column.Value{Type: t, Null: true}
		}
		return some.Draw(r, "value")
	})
}
