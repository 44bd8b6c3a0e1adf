package expr

import (
	"math"
	"strconv"

	"parallax/engine/flow/column"
)

// intToFloat rounds integers to the nearest float.
type intToFloat struct {
	result
	x node
}

func (x *intToFloat) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.floats(b.Rows)
	for i, n := range in.col.Ints[:b.Rows] {
		out[i] = float64(n)
	}
	return v
}

// decimalToFloat rounds decimals to the nearest float.
type decimalToFloat struct {
	result
	x     node
	scale uint8
}

func (x *decimalToFloat) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.floats(b.Rows)
	for i, d := range in.col.Decimals[:b.Rows] {
		out[i] = decimalFloat(d, x.scale)
	}
	return v
}

// decimalFloat is the float nearest to d / 10^scale.
func decimalFloat(d column.Decimal, scale uint8) float64 {
	const exact = 1 << 53 // integers up to here, and the powers of ten up to 10^18, are floats
	if n := int64(d.Lo); small(d) && n <= exact && n >= -exact && int(scale) < len(powersSmall) {
		return float64(n) / float64(powersSmall[scale]) // one rounding
	}
	f, _ := strconv.ParseFloat(d.Text(scale), 64) // rounds once, too; 10^38 is in range
	return f
}

// toInt makes integers of floats (toward zero), decimals (toward zero), bools (0
// or 1) and timestamps (microseconds).
type toInt struct {
	result
	x    node
	from column.Type
	site uint16
}

func (x *toInt) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.ints(column.Int64, b.Rows)
	switch x.from.Kind {
	case column.Bool:
		for i, is := range in.col.Bools[:b.Rows] {
			out[i] = 0
			if is {
				out[i] = 1
			}
		}
	case column.Float64:
		for i, f := range in.col.Floats[:b.Rows] {
			if out[i] = 0; f >= -(1<<63) && f < 1<<63 {
				out[i] = int64(f)
			} else {
				x.fail(&v, i, x.site)
			}
		}
	case column.Decimal128:
		for i, d := range in.col.Decimals[:b.Rows] {
			whole, _, _ := cut(d, x.from.Scale)
			var ok bool
			if out[i], ok = whole.Int64(); !ok {
				x.fail(&v, i, x.site)
			}
		}
	default:
		copy(out, in.col.Ints)
	}
	zero(out, x.out.Null)
	return v
}

// toText prints values as results print them. Its dictionary is the program's
// own.
type toText struct {
	result
	x    node
	dict union
}

func (x *toText) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	x.dict.begin()
	out := x.codes(x.dict.out, b.Rows)
	for i := range out {
		if out[i] = 0; !in.col.IsNull(i) {
			out[i] = x.dict.out.Intern(in.col.Value(i).Text())
		}
	}
	return v
}

// absNode takes the sign away.
type absNode struct {
	result
	x    node
	typ  column.Type
	site uint16
}

func (x *absNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	switch x.typ.Kind {
	case column.Int64:
		out := x.ints(column.Int64, b.Rows)
		for i, n := range in.col.Ints[:b.Rows] {
			if out[i] = max(n, -n); n == math.MinInt64 {
				x.fail(&v, i, x.site)
			}
		}
	case column.Float64:
		out := x.floats(b.Rows)
		for i, f := range in.col.Floats[:b.Rows] {
			out[i] = math.Abs(f)
		}
	case column.Decimal128:
		out := x.decimals(x.typ, b.Rows)
		for i, d := range in.col.Decimals[:b.Rows] {
			if out[i] = d; d.Negative() {
				out[i], _ = d.Neg()
			}
		}
	}
	return v
}

// roundNode makes decimals and floats whole: down, up, or to the nearest with
// halves away from zero.
type roundNode struct {
	result
	x    node
	from column.Type
	mode string // floor, ceil, round
}

func (x *roundNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	if x.from.Kind == column.Float64 {
		out := x.floats(b.Rows)
		for i, f := range in.col.Floats[:b.Rows] {
			switch x.mode {
			case "floor":
				out[i] = math.Floor(f)
			case "ceil":
				out[i] = math.Ceil(f)
			default:
				out[i] = math.Round(f)
			}
		}
		return v
	}
	out := x.decimals(decimalType(0), b.Rows)
	for i, d := range in.col.Decimals[:b.Rows] {
		out[i] = roundDecimal(d, x.from.Scale, x.mode)
	}
	return v
}

func roundDecimal(d column.Decimal, scale uint8, mode string) column.Decimal {
	whole, some, half := cut(d, scale)
	away := int64(0)
	switch neg := d.Negative(); {
	case mode == "round" && half && neg, mode == "floor" && some && neg:
		away = -1
	case mode == "round" && half, mode == "ceil" && some && !neg:
		away = 1
	}
	whole, _ = whole.Add(column.DecimalFromInt(away)) // |d| < 10^38, cut by at least one digit
	return whole
}
