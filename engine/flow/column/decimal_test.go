package column

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func toBig(d Decimal) *big.Int {
	b := new(big.Int).Lsh(big.NewInt(d.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(d.Lo))
}

func inRange(b *big.Int) bool {
	limit := new(big.Int).Lsh(big.NewInt(1), 127)
	return b.Cmp(new(big.Int).Neg(limit)) >= 0 && b.Cmp(limit) < 0
}

func drawDecimal(t *rapid.T, label string) Decimal {
	if rapid.Bool().Draw(t, label+"Small") {
		return DecimalFromInt(rapid.Int64().Draw(t, label))
	}
	return Decimal{Hi: rapid.Int64().Draw(t, label+"Hi"), Lo: rapid.Uint64().Draw(t, label+"Lo")}
}

// TestDifferentialDecimal compares the arithmetic with math/big.
func TestDifferentialDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawDecimal(t, "a"), drawDecimal(t, "b")
		check := func(op string, got Decimal, ok bool, want *big.Int) {
			if op == "mul" && !ok && want.Cmp(new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 127))) == 0 {
				return // the least number of all may be refused as a product
			}
			if ok != inRange(want) || ok && toBig(got).Cmp(want) != 0 {
				t.Fatalf("%s(%v, %v) = %v %v, want %v", op, toBig(a), toBig(b), toBig(got), ok, want)
			}
		}
		sum, ok := a.Add(b)
		check("add", sum, ok, new(big.Int).Add(toBig(a), toBig(b)))
		product, ok := a.Mul(b)
		if a.Hi != -1<<63 && b.Hi != -1<<63 {
			check("mul", product, ok, new(big.Int).Mul(toBig(a), toBig(b)))
		}
		if got, want := a.Compare(b), toBig(a).Cmp(toBig(b)); got != want {
			t.Fatalf("compare(%v, %v) = %d, want %d", toBig(a), toBig(b), got, want)
		}
		if a.Hi != -1<<63 {
			if got, want := a.Text(0), toBig(a).String(); got != want {
				t.Fatalf("Text = %s, want %s", got, want)
			}
		}
	})
}

func TestVectorParseDecimal(t *testing.T) {
	money := Type{Kind: Decimal128, Precision: 12, Scale: 3}
	for _, c := range []struct {
		in, out string
		err     error
	}{
		{"2.55", "2.550", nil},
		{"-0.001", "-0.001", nil},
		{"+7", "7.000", nil},
		{".5", "0.500", nil},
		{"1.50000", "1.500", nil},
		{"1e3", "1000.000", nil},
		{"15e-1", "1.500", nil},
		{"000000000000000001", "1.000", nil},
		{"123456789.123", "123456789.123", nil},
		{"-0", "0.000", nil},
		{"1234567890", "", ErrDecimalRange},
		{"0.0001", "", ErrDecimalRange},
		{"1e99", "", ErrDecimalRange},
		{"", "", ErrDecimalSyntax},
		{"-", "", ErrDecimalSyntax},
		{".", "", ErrDecimalSyntax},
		{"1.2.3", "", ErrDecimalSyntax},
		{"1e", "", ErrDecimalSyntax},
		{"0x1", "", ErrDecimalSyntax},
		{"1_0", "", ErrDecimalSyntax},
		{"NaN", "", ErrDecimalSyntax},
	} {
		d, err := ParseDecimal(c.in, money)
		if !errors.Is(err, c.err) || err == nil && d.Text(3) != c.out {
			t.Errorf("ParseDecimal(%q) = %s, %v; want %q, %v", c.in, d.Text(3), err, c.out, c.err)
		}
	}
}

// TestLawDecimalText: what is printed reads back as the same number.
func TestLawDecimalText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := Type{Kind: Decimal128, Precision: 38, Scale: uint8(rapid.IntRange(0, 38).Draw(t, "scale"))}
		d := drawDecimal(t, "d")
		if !d.Fits(38) {
			t.Skip("more than 38 digits")
		}
		got, err := ParseDecimal(d.Text(typ.Scale), typ)
		if err != nil || got != d {
			t.Fatalf("ParseDecimal(%q) = %v, %v; want %v", d.Text(typ.Scale), got, err, d)
		}
	})
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"1.5", "-0.001", "1e-3", "99999999999999999999999999999999999999", "e", "1e9999"} {
		f.Add(s, uint8(38), uint8(3))
	}
	f.Fuzz(func(t *testing.T, s string, p, scale uint8) {
		typ := Type{Kind: Decimal128, Precision: p%38 + 1, Scale: scale % (p%38 + 2)}
		d, err := ParseDecimal(s, typ)
		if err == nil && !d.Fits(typ.Precision) {
			t.Fatalf("ParseDecimal(%q, %v) = %v, which does not fit", s, typ, d)
		}
	})
}
