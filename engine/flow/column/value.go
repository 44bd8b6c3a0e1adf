package column

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// Value is one boxed value: for literals, group keys and answers, never for the
// row path.
type Value struct {
	Type    Type
	Null    bool
	Bool    bool
	Int     int64 // Int64, Timestamp
	Float   float64
	Decimal Decimal
	String  string
}

// Text prints the value as results are printed: decimals with all digits of
// their scale, floats in the shortest form that reads back, timestamps as
// integer microseconds, null as the empty string.
func (v Value) Text() string {
	if v.Null {
		return ""
	}
	switch v.Type.Kind {
	case Bool:
		return strconv.FormatBool(v.Bool)
	case Int64, Timestamp:
		return strconv.FormatInt(v.Int, 10)
	case Float64:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case Decimal128:
		return v.Decimal.Text(v.Type.Scale)
	case String:
		return v.String
	}
	return ""
}

// Compare orders two values of one type: null first; floats by the IEEE total
// order of their numbers with -0 before +0 and every NaN last and equal.
func (v Value) Compare(w Value) int {
	if v.Null || w.Null {
		return compareBool(w.Null, v.Null)
	}
	switch v.Type.Kind {
	case Bool:
		return compareBool(v.Bool, w.Bool)
	case Int64, Timestamp:
		return cmp.Compare(v.Int, w.Int)
	case Float64:
		return CompareFloats(v.Float, w.Float)
	case Decimal128:
		return v.Decimal.Compare(w.Decimal)
	case String:
		return strings.Compare(v.String, w.String)
	}
	return 0
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// CompareFloats is the engine's one order of floats: numbers ascending, -0
// before +0, every NaN last and equal to every other.
func CompareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return compareBool(math.Signbit(b), math.Signbit(a))
	}
	return compareBool(a != a, b != b)
}
