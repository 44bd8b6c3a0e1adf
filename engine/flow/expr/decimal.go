package expr

import (
	"math/bits"

	"parallax/engine/flow/column"
)

// powers are the powers of ten that a decimal can hold.
var powers = func() (p [column.DecimalDigitsMax + 1]column.Decimal) {
	p[0] = column.Decimal{Lo: 1}
	for i := 1; i < len(p); i++ {
		p[i], _ = p[i-1].Mul(column.Decimal{Lo: 10})
	}
	return p
}()

// powersSmall are those that an int64 can hold.
var powersSmall = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// small tells whether d fits an int64, the product of two of which is always in
// range: 2^126 < 10^38.
func small(d column.Decimal) bool { return d.Hi == int64(d.Lo)>>63 }

// fits tells whether |d| < 10^38.
func fits(d column.Decimal) bool {
	const hi = 0x4b3b4ca85a86c47a // of 10^38
	if d.Hi < hi && d.Hi > -hi {
		return true
	}
	return d.Fits(column.DecimalDigitsMax)
}

// mulInts is the product of two integers, exactly.
func mulInts(a, b int64) column.Decimal {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	hi -= uint64(a>>63)&uint64(b) + uint64(b>>63)&uint64(a)
	return column.Decimal{Hi: int64(hi), Lo: lo}
}

// mulDecimals is a * b; ok is false beyond 38 digits.
func mulDecimals(a, b column.Decimal) (column.Decimal, bool) {
	if small(a) && small(b) {
		return mulInts(int64(a.Lo), int64(b.Lo)), true
	}
	p, ok := a.Mul(b)
	return p, ok && fits(p)
}

// rescale multiplies d by ten to the power of digits, at most 38; ok is false
// beyond 38 digits.
func rescale(d column.Decimal, digits uint8) (column.Decimal, bool) {
	if int(digits) < len(powersSmall) && small(d) {
		return mulInts(int64(d.Lo), powersSmall[digits]), true
	}
	return mulDecimals(d, powers[digits])
}

// sumDecimal is + or - of decimals of one scale.
type sumDecimal struct {
	result
	minus bool
	l, r  node
	typ   column.Type
	site  uint16
}

func (x *sumDecimal) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.decimals(x.typ, b.Rows)
	p, q := l.col.Decimals[:len(out)], r.col.Decimals[:len(out)]
	for i := range out {
		term := q[i]
		if x.minus {
			term, _ = term.Neg() // |term| < 10^38
		}
		sum, ok := p[i].Add(term)
		if out[i] = sum; !ok || !fits(sum) {
			x.fail(&v, i, x.site)
		}
	}
	zero(out, x.out.Null)
	return v
}

// productDecimal multiplies decimals; either operand may be of integers.
type productDecimal struct {
	result
	l, r node
	typ  column.Type
	site uint16
}

func (x *productDecimal) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.decimals(x.typ, b.Rows)
	switch {
	case l.col.Type.Kind == column.Int64:
		x.mixed(&v, out, r.col.Decimals, l.col.Ints)
	case r.col.Type.Kind == column.Int64:
		x.mixed(&v, out, l.col.Decimals, r.col.Ints)
	default:
		p, q := l.col.Decimals[:len(out)], r.col.Decimals[:len(out)]
		for i := range out {
			var ok bool
			if out[i], ok = mulDecimals(p[i], q[i]); !ok {
				x.fail(&v, i, x.site)
			}
		}
	}
	zero(out, x.out.Null)
	return v
}

func (x *productDecimal) mixed(v *vec, out, decimals []column.Decimal, ints []int64) {
	decimals, ints = decimals[:len(out)], ints[:len(out)]
	for i := range out {
		d, n := decimals[i], ints[i]
		if small(d) {
			out[i] = mulInts(int64(d.Lo), n)
			continue
		}
		var ok bool
		if out[i], ok = mulDecimals(d, column.DecimalFromInt(n)); !ok {
			x.fail(v, i, x.site)
		}
	}
}

// negDecimal flips signs.
type negDecimal struct {
	result
	x   node
	typ column.Type
}

func (x *negDecimal) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	out := x.decimals(x.typ, b.Rows)
	for i, d := range in.col.Decimals[:b.Rows] {
		out[i], _ = d.Neg()
	}
	return x.follow(in)
}

// rescaleNode gives decimals more digits behind the point.
type rescaleNode struct {
	result
	x      node
	digits uint8
	typ    column.Type
	site   uint16
}

func (x *rescaleNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.decimals(x.typ, b.Rows)
	for i, d := range in.col.Decimals[:b.Rows] {
		var ok bool
		if out[i], ok = rescale(d, x.digits); !ok {
			x.fail(&v, i, x.site)
		}
	}
	return v
}

// intToDecimal makes decimals of integers.
type intToDecimal struct {
	result
	x    node
	typ  column.Type
	site uint16
}

func (x *intToDecimal) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.decimals(x.typ, b.Rows)
	for i, n := range in.col.Ints[:b.Rows] {
		var ok bool
		if out[i], ok = rescale(column.DecimalFromInt(n), x.typ.Scale); !ok {
			x.fail(&v, i, x.site)
		}
	}
	return v
}

// cut divides d by ten to the power of digits, toward zero, and tells what was
// cut off: whether anything, and whether half a unit or more.
func cut(d column.Decimal, digits uint8) (q column.Decimal, some, half bool) {
	neg := d.Negative()
	if neg {
		d, _ = d.Neg()
	}
	hi, lo := uint64(d.Hi), d.Lo
	for digits > 0 {
		step := min(digits, 18)
		unit := uint64(powersSmall[step])
		var r uint64
		hi, r = bits.Div64(0, hi, unit)
		lo, r = bits.Div64(r, lo, unit)
		some = some || r != 0
		half = r >= unit/2
		digits -= step
	}
	q = column.Decimal{Hi: int64(hi), Lo: lo}
	if neg {
		q, _ = q.Neg()
	}
	return q, some, half
}
