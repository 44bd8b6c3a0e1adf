package column

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Kind is the family of a type.
type Kind uint8

// The kinds. All are nullable. A Timestamp is microseconds since the Unix epoch.
const (
	Bool Kind = iota + 1
	Int64
	Float64
	Decimal128
	String
	Timestamp
)

var kindNames = [...]string{"", "bool", "int64", "float64", "decimal", "string", "timestamp"}

// String is the name used in job files.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// Type is a column's type. Precision (1 to 38 digits in all) and Scale (digits
// behind the point) belong to Decimal128 and are zero elsewhere.
type Type struct {
	Kind             Kind
	Precision, Scale uint8
}

// TypeOf is the type of a kind without parameters; a decimal gets the full 38
// digits and scale 0.
func TypeOf(k Kind) Type {
	if k == Decimal128 {
		return Type{Kind: k, Precision: DecimalDigitsMax}
	}
	return Type{Kind: k}
}

// String prints the type as ParseType reads it.
func (t Type) String() string {
	if t.Kind == Decimal128 {
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	}
	return t.Kind.String()
}

// Numeric tells whether arithmetic is defined on the type.
func (t Type) Numeric() bool {
	return t.Kind == Int64 || t.Kind == Float64 || t.Kind == Decimal128
}

// ErrType is returned for a type that cannot be read.
var ErrType = errors.New("column: not a type")

// ParseType reads "bool", "int64", "float64", "string", "timestamp" or
// "decimal(p,s)" with 1 <= p <= 38 and s <= p.
func ParseType(s string) (Type, error) {
	switch s {
	case "bool":
		return Type{Kind: Bool}, nil
	case "int64":
		return Type{Kind: Int64}, nil
	case "float64":
		return Type{Kind: Float64}, nil
	case "string":
		return Type{Kind: String}, nil
	case "timestamp":
		return Type{Kind: Timestamp}, nil
	}
	inner, ok := strings.CutPrefix(s, "decimal(")
	if ok {
		inner, ok = strings.CutSuffix(inner, ")")
	}
	if !ok {
		return Type{}, fmt.Errorf("%w: %q; one of bool, int64, float64, string, timestamp, decimal(p,s)", ErrType, s)
	}
	ps, ss, _ := strings.Cut(inner, ",")
	p, errP := strconv.ParseUint(strings.TrimSpace(ps), 10, 8)
	sc, errS := strconv.ParseUint(strings.TrimSpace(ss), 10, 8)
	if errP != nil || errS != nil || p < 1 || p > DecimalDigitsMax || sc > p {
		return Type{}, fmt.Errorf("%w: %q; a decimal is decimal(p,s) with 1 <= p <= 38 and s <= p", ErrType, s)
	}
	return Type{Kind: Decimal128, Precision: uint8(p), Scale: uint8(sc)}, nil
}
