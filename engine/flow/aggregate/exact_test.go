package aggregate

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

var callSumFloat = Call{Name: "sum", Args: []column.Type{column.TypeOf(column.Float64)}}

// sumOf adds floats to a fresh table.
func sumOf(tb testing.TB, values ...float64) *Table {
	x := newTable(mustNew(tb, callSumFloat), 1)
	col := &column.Column{Type: callSumFloat.Args[0], Floats: values}
	x.AddRange(&Input{Args: [][]*column.Column{{col}}}, make([]uint32, len(values)), 0, len(values))
	return x
}

// repeat is a value n times.
func repeat(v float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func TestVectorSumFloat(t *testing.T) {
	inf, nan, max := math.Inf(1), math.NaN(), math.MaxFloat64
	halfUlp := math.Ldexp(1, 970) // of MaxFloat64
	for _, c := range []struct {
		name  string
		terms []float64
		want  float64
	}{
		{"no rows", nil, 0},
		{"cents", []float64{0.1, 0.2, 0.3}, 0.6},
		{"cancellation", []float64{1e16, 1, -1e16}, 1},
		{"tie to even, down", []float64{1 << 53, 1}, 1 << 53},
		{"tie to even, up", []float64{1<<53 + 2, 1}, 1<<53 + 4},
		{"just above a tie", []float64{1 << 53, 1, 5e-324}, 1<<53 + 2},
		{"just below a tie", []float64{1<<53 + 2, 1, -5e-324}, 1<<53 + 2},
		{"three scales", []float64{1e308, 1, -1e308, 1e-300, -1}, 1e-300},
		{"beyond the range and back", []float64{max, max, -max}, max},
		{"beyond the range", []float64{max, max}, inf},
		{"below the range", []float64{-max, -max}, -inf},
		{"half a unit beyond the greatest", []float64{max, halfUlp}, inf},
		{"a little less than that", []float64{max, halfUlp, -5e-324}, max},
		{"subnormals", []float64{5e-324, 5e-324, 5e-324}, 1.5e-323},
		{"to subnormal", []float64{2.2250738585072014e-308, -5e-324}, 2.225073858507201e-308},
		{"many", repeat(0.1, 1000), 100},
		{"NaN", []float64{1, nan}, nan},
		{"infinity", []float64{inf, max, max}, inf},
		{"both infinities", []float64{inf, -inf}, nan},
		{"finite overflow against an infinity", []float64{-inf, max, max}, -inf},
	} {
		got := sumOf(t, c.terms...).Finish(0, 0).Float
		if got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for _, terms := range [][]float64{{math.Copysign(0, -1)}, {math.Copysign(0, -1), math.Copysign(0, -1)}, {1e300, -1e300}, {-1, 1}} {
		if got := sumOf(t, terms...).Finish(0, 0).Float; got != 0 || math.Signbit(got) {
			t.Errorf("sum of %v is %v, want +0", terms, got)
		}
	}
}

// TestVectorEncoding fixes bytes: a change of them is a new formatVersion. The
// numbers are 3 * 2^-1, -1 * 2^7, 10^16 + 1, 1 beside an infinity, and 2^1025 less
// a bit.
func TestVectorEncoding(t *testing.T) {
	for _, c := range []struct {
		terms []float64
		want  []byte
	}{
		{nil, []byte{1, 0, 0}},
		{[]float64{1.5}, []byte{1, 0, 1, 3, 1}},
		{[]float64{-128}, []byte{1, 0, 1, 0xff, 14}},
		{[]float64{1e16, 1}, []byte{1, 0, 7, 0x01, 0x00, 0xc1, 0x6f, 0xf2, 0x86, 0x23, 0}},
		{[]float64{math.Inf(-1), 1}, []byte{1, 1, 0, 0, 1, 1, 1, 0}},
		{[]float64{math.MaxFloat64, math.MaxFloat64}, []byte{1, 0, 7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x98, 0x0f}},
	} {
		if got := sumOf(t, c.terms...).AppendTo(0, nil); !bytes.Equal(got, c.want) {
			t.Errorf("%v: % x, want % x", c.terms, got, c.want)
		}
	}
}

// TestDifferentialSumFloat compares sums of floats from the whole range with
// math/big, and the two forms with each other.
func TestDifferentialSumFloat(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(rt, "n")
		terms, want := make([]float64, n), new(big.Float).SetPrec(2400)
		for i := range terms {
			terms[i] = drawFloat(rt, false)
			want.Add(want, new(big.Float).SetFloat64(terms[i]))
		}
		x := sumOf(t, terms...)
		rounded, _ := want.Float64()
		if got := x.Finish(0, 0).Float; got != rounded {
			rt.Fatalf("sum is %v, want %v", got, rounded)
		}
		wide := newTable(mustNew(t, callSumFloat), 1)
		s := wide.stores[0].(*sumFloat)
		s.widen(s.words(0)).merge(&wideSum{})
		wide.Merge(0, x, 0)
		if err := sameGroup("forms", x, 0, wide, 0); err != nil {
			rt.Fatal(err)
		}
		r, _, _ := s.sum(0)
		if exactly, _ := want.Rat(nil); exactly != nil && r.Cmp(exactly) != 0 {
			rt.Fatalf("exact sum is %v, want %v", r, exactly)
		}
	})
}

// TestDifferentialExact drives the wide number through random additions,
// subtractions and squares at exponents from end to end.
func TestDifferentialExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x exact
		want := new(big.Rat)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			v := drawFloat(t, false)
			subtract := rapid.Bool().Draw(t, "subtract")
			term := new(big.Rat).SetFloat64(v)
			switch rapid.IntRange(0, 2).Draw(t, "op") {
			case 0:
				x.addFloat(v, subtract)
			case 1:
				x.addSquare(v, subtract)
				term.Mul(term, term)
			case 2:
				y := x
				y.limbs = append([]uint64(nil), x.limbs...)
				x.addExact(&y, subtract)
				term.Set(want)
			}
			if subtract {
				term.Neg(term)
			}
			want.Add(want, term)
			if x.rat().Cmp(want) != 0 {
				t.Fatalf("%v, want %v", x.rat(), want)
			}
		}
		rounded, _ := want.Float64()
		if got := x.float(); got != rounded {
			t.Fatalf("%v rounds to %v, want %v", want, got, rounded)
		}
		b := x.encode(nil)
		var y exact
		if rest, err := y.decode(b, -2148, 2112+64); err != nil || len(rest) != 0 || y.rat().Cmp(want) != 0 {
			t.Fatalf("% x decodes to %v (%v), want %v", b, y.rat(), err, want)
		}
	})
}

// TestDifferentialRoot compares the root with that of math/big at 2,000 bits.
func TestDifferentialRoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := new(big.Rat).SetFloat64(math.Abs(drawFloat(t, false)))
		x.Mul(x, new(big.Rat).SetFloat64(math.Abs(drawFloat(t, false))))
		x.Quo(x, big.NewRat(rapid.Int64Range(1, 1000).Draw(t, "n"), 1))
		root := new(big.Float).SetPrec(2000).SetRat(x)
		want, _ := root.Sqrt(root).Float64()
		if got := rootOf(x); got != want {
			t.Fatalf("root of %v is %v, want %v", x, got, want)
		}
	})
	for _, c := range [][2]float64{{4, 2}, {2, math.Sqrt2}, {0.25, 0.5}, {1e-320, math.Sqrt(1e-320)}, {math.MaxFloat64, math.Sqrt(math.MaxFloat64)}} {
		if got := rootOf(new(big.Rat).SetFloat64(c[0])); got != c[1] {
			t.Errorf("root of %v is %v, want %v", c[0], got, c[1])
		}
	}
}

// TestDifferentialQuotient compares quotients with math/big.
func TestDifferentialQuotient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawFloat(t, false), drawFloat(t, false)
		if rapid.Bool().Draw(t, "near") {
			b = a * math.Ldexp(rapid.Float64Range(-1, 1).Draw(t, "ratio"), -rapid.IntRange(0, 80).Draw(t, "shift"))
		}
		d := rapid.Uint64Range(1, 1<<63-1).Draw(t, "divisor") >> rapid.IntRange(0, 62).Draw(t, "bits")
		d = max(d, 1)
		x, ok := scaledPair(a, b)
		if !ok {
			return
		}
		want := new(big.Rat).Add(new(big.Rat).SetFloat64(a), new(big.Rat).SetFloat64(b))
		want.Quo(want, new(big.Rat).SetFrac(new(big.Int).SetUint64(d), big.NewInt(1)))
		nearest, _ := want.Float64()
		if got, ok := x.quotient(d); ok && got != nearest {
			t.Fatalf("(%v + %v) / %d = %v, want %v", a, b, d, got, nearest)
		} else if !ok && math.Abs(nearest) > 3e-308 {
			t.Fatalf("(%v + %v) / %d = %v is refused", a, b, d, nearest)
		}
		v := drawDecimal(t)
		scale := uint8(rapid.IntRange(0, 38).Draw(t, "scale"))
		r, _ := new(big.Rat).SetString(v.Text(scale))
		nearest, _ = r.Float64()
		if got := floatOf(v, scale); got != nearest {
			t.Fatalf("%s = %v, want %v", v.Text(scale), got, nearest)
		}
	})
}
