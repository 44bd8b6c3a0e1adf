package column

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// DecimalDigitsMax is the greatest precision of a decimal.
const DecimalDigitsMax = 38

// Decimal is the unscaled integer of an exact decimal: a two's complement number
// of 128 bits whose scale stands in the column's type.
type Decimal struct {
	Hi int64
	Lo uint64
}

// Errors of decimal arithmetic.
var (
	ErrDecimalRange  = errors.New("column: decimal out of range")
	ErrDecimalSyntax = errors.New("column: not a decimal number")
)

// DecimalFromInt widens an integer.
func DecimalFromInt(v int64) Decimal { return Decimal{Hi: v >> 63, Lo: uint64(v)} }

// Int64 narrows a decimal; ok is false when it does not fit.
func (d Decimal) Int64() (v int64, ok bool) {
	return int64(d.Lo), d.Hi == int64(d.Lo)>>63
}

// Negative tells whether d is less than zero.
func (d Decimal) Negative() bool { return d.Hi < 0 }

// Compare orders two decimals of one scale.
func (d Decimal) Compare(e Decimal) int {
	switch {
	case d.Hi < e.Hi, d.Hi == e.Hi && d.Lo < e.Lo:
		return -1
	case d == e:
		return 0
	}
	return 1
}

// Neg is -d; ok is false for the one number without a counterpart.
func (d Decimal) Neg() (n Decimal, ok bool) {
	lo, borrow := bits.Sub64(0, d.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(d.Hi), borrow)
	n = Decimal{Hi: int64(hi), Lo: lo}
	return n, !(d.Hi < 0 && n.Hi < 0)
}

// Add is d + e; ok is false when 128 bits do not hold it.
func (d Decimal) Add(e Decimal) (sum Decimal, ok bool) {
	lo, carry := bits.Add64(d.Lo, e.Lo, 0)
	hi, _ := bits.Add64(uint64(d.Hi), uint64(e.Hi), carry)
	sum = Decimal{Hi: int64(hi), Lo: lo}
	return sum, (d.Hi^sum.Hi)&(e.Hi^sum.Hi) >= 0
}

// Mul is d * e; ok is false when 128 bits do not hold it.
func (d Decimal) Mul(e Decimal) (product Decimal, ok bool) {
	neg := d.Negative() != e.Negative()
	a, b := d.magnitude(), e.magnitude()
	if a.Hi != 0 && b.Hi != 0 {
		return Decimal{}, false
	}
	hi, lo := bits.Mul64(a.Lo, b.Lo)
	for _, cross := range [2][2]uint64{{uint64(a.Hi), b.Lo}, {uint64(b.Hi), a.Lo}} {
		over, part := bits.Mul64(cross[0], cross[1])
		var carry uint64
		hi, carry = bits.Add64(hi, part, 0)
		if over != 0 || carry != 0 {
			return Decimal{}, false
		}
	}
	if hi>>63 != 0 {
		return Decimal{}, false
	}
	product = Decimal{Hi: int64(hi), Lo: lo}
	if neg {
		product, _ = product.Neg()
	}
	return product, true
}

// magnitude is |d| as an unsigned number of 128 bits.
func (d Decimal) magnitude() Decimal {
	if d.Negative() {
		n, _ := d.Neg()
		return n
	}
	return d
}

// Rescale multiplies by ten to the power of digits; ok is false when 128 bits do
// not hold it.
func (d Decimal) Rescale(digits uint8) (r Decimal, ok bool) {
	ok = true
	for r = d; digits > 0 && ok; digits-- {
		r, ok = r.Mul(Decimal{Lo: 10})
	}
	return r, ok
}

// Fits tells whether |d| has at most precision digits.
func (d Decimal) Fits(precision uint8) bool {
	limit, ok := Decimal{Lo: 1}.Rescale(precision)
	if !ok {
		return false
	}
	m := d.magnitude()
	return !m.Negative() && m.Compare(limit) < 0
}

// Text prints d with scale digits behind the point.
func (d Decimal) Text(scale uint8) string {
	m := d.magnitude()
	hi, lo := uint64(m.Hi), m.Lo
	var buf [48]byte
	at := len(buf)
	for digits := 0; hi != 0 || lo != 0 || digits <= int(scale); digits++ {
		if digits == int(scale) && scale > 0 {
			at--
			buf[at] = '.'
		}
		var r uint64
		hi, r = bits.Div64(0, hi, 10)
		lo, r = bits.Div64(r, lo, 10)
		at--
		buf[at] = byte('0' + r)
	}
	if d.Negative() {
		at--
		buf[at] = '-'
	}
	return string(buf[at:])
}

// ParseDecimal reads an optional sign, digits with at most one point, and an
// optional exponent ("1.5e3"), exactly, into the given type. Digits behind the
// type's scale must be zeros; a number that the type cannot hold exactly is
// ErrDecimalRange, anything else that is no number ErrDecimalSyntax.
func ParseDecimal(s string, t Type) (Decimal, error) {
	digits, exp, neg, ok := splitDecimal(s)
	if !ok {
		return Decimal{}, fmt.Errorf("%w: %q", ErrDecimalSyntax, s)
	}
	shift := exp + int64(t.Scale) // power of ten between the digits and the unscaled integer
	for shift < 0 && strings.HasSuffix(digits, "0") {
		digits = digits[:len(digits)-1]
		shift++
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return Decimal{}, nil
	}
	if shift < 0 || int64(len(digits))+shift > int64(t.Precision) {
		return Decimal{}, fmt.Errorf("%w: %q does not fit %s", ErrDecimalRange, s, t)
	}
	var d Decimal
	for i := 0; i < len(digits)+int(shift); i++ {
		d, _ = d.Mul(Decimal{Lo: 10})
		if i < len(digits) {
			d, _ = d.Add(Decimal{Lo: uint64(digits[i] - '0')})
		}
	}
	if neg {
		d, _ = d.Neg()
	}
	return d, nil
}

// splitDecimal takes a number apart: its digits without sign and point, and the
// power of ten by which they are to be multiplied.
func splitDecimal(s string) (digits string, exp int64, neg, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	mantissa := s
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa = s[:i]
		e, valid := parseExponent(s[i+1:])
		if !valid {
			return "", 0, false, false
		}
		exp = e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits = whole + fraction
	if digits == "" {
		return "", 0, false, false
	}
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return "", 0, false, false
		}
	}
	return digits, exp - int64(len(fraction)), neg, true
}

// parseExponent reads a signed exponent of at most four digits.
func parseExponent(s string) (int64, bool) {
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if s == "" || len(s) > 4 {
		return 0, false
	}
	var e int64
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		e = e*10 + int64(s[i]-'0')
	}
	if neg {
		e = -e
	}
	return e, true
}
