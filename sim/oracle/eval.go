package oracle

import (
	"errors"
	"fmt"
	"math/big"

	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
)

// Errors of expressions: errType should have been found before any row was
// read, errValue is a row for which an expression has no value.
var (
	errType  = errors.New("oracle: expression does not type")
	errValue = errors.New("oracle: no value")
)

// typeOf is the type of an expression over a schema; a bare null has the zero
// type.
func typeOf(e expr.Expr, s column.Schema) (column.Type, error) {
	switch e := e.(type) {
	case *expr.Literal:
		return e.Value.Type, nil
	case *expr.Field:
		if i := s.Index(e.Name); i >= 0 {
			return s[i].Type, nil
		}
		return column.Type{}, fmt.Errorf("%w: no column %q", errType, e.Name)
	case *expr.Unary:
		t, err := typeOf(e.X, s)
		if e.Op == "-" && t.Kind == column.Decimal128 {
			t.Precision = column.DecimalDigitsMax
		}
		return t, err
	case *expr.Binary:
		l, err := typeOf(e.L, s)
		if err != nil {
			return l, err
		}
		r, err := typeOf(e.R, s)
		if err != nil {
			return r, err
		}
		return binaryType(e.Op, l, r), nil
	case *expr.Func:
		args := make([]column.Type, len(e.Args))
		for i, a := range e.Args {
			t, err := typeOf(a, s)
			if err != nil {
				return t, err
			}
			args[i] = t
		}
		return functionType(e.Name, args)
	}
	return column.TypeOf(column.Bool), nil // *expr.In, *expr.IsNull
}

func binaryType(op expr.Op, l, r column.Type) column.Type {
	ltime, rtime := l.Kind == column.Timestamp, r.Kind == column.Timestamp
	switch op {
	case "+", "-", "*", "/", "%":
		switch {
		case op == "-" && ltime && rtime:
			return column.TypeOf(column.Int64)
		case ltime || rtime:
			return column.TypeOf(column.Timestamp)
		case op == "/":
			return column.TypeOf(column.Float64)
		case op == "*" && (l.Kind == column.Decimal128 || r.Kind == column.Decimal128) && meet(l, r).Kind == column.Decimal128:
			return column.Type{Kind: column.Decimal128, Precision: column.DecimalDigitsMax, Scale: l.Scale + r.Scale}
		}
		t := meet(l, r)
		if t.Kind == column.Decimal128 {
			t.Precision = column.DecimalDigitsMax
		}
		return t
	}
	return column.TypeOf(column.Bool)
}

// meet is the type in which two operands are worked with.
func meet(l, r column.Type) column.Type {
	switch {
	case l.Kind == 0 || l == r:
		return r
	case r.Kind == 0:
		return l
	case l.Kind == column.Float64 || r.Kind == column.Float64:
		return column.TypeOf(column.Float64)
	case l.Kind == column.Timestamp || r.Kind == column.Timestamp:
		return column.TypeOf(column.Timestamp)
	}
	return column.Type{Kind: column.Decimal128, Precision: column.DecimalDigitsMax, Scale: max(l.Scale, r.Scale)}
}

// evaluate computes an expression for one row.
func evaluate(e expr.Expr, s column.Schema, row []column.Value) (column.Value, error) {
	switch e := e.(type) {
	case *expr.Literal:
		return e.Value, nil
	case *expr.Field:
		return row[s.Index(e.Name)], nil
	case *expr.Unary:
		x, err := evaluate(e.X, s, row)
		if err != nil || x.Null {
			return retype(x, e, s), err
		}
		if e.Op == "not" {
			return boolValue(!x.Bool), nil
		}
		return negate(x)
	case *expr.Binary:
		return binary(e, s, row)
	case *expr.Func:
		return function(e, s, row)
	case *expr.In:
		return in(e, s, row)
	case *expr.IsNull:
		x, err := evaluate(e.X, s, row)
		return boolValue(x.Null != e.Not), err
	}
	return column.Value{}, fmt.Errorf("%w: %T", errType, e)
}

// retype gives a null the type of the expression it is the value of.
func retype(v column.Value, e expr.Expr, s column.Schema) column.Value {
	if v.Null {
		t, _ := typeOf(e, s)
		return nullValue(t)
	}
	return v
}

func boolValue(b bool) column.Value {
	return column.Value{Type: column.TypeOf(column.Bool), Bool: b}
}

func negate(x column.Value) (column.Value, error) {
	if x.Type.Kind == column.Float64 {
		return floatValue(-x.Float), nil
	}
	r, _ := rational(x)
	return exactValue(r.Neg(r), x.Type)
}

// exactValue is an integer, timestamp or decimal of type t that equals r.
func exactValue(r *big.Rat, t column.Type) (column.Value, error) {
	scaled := new(big.Rat).Mul(r, new(big.Rat).SetInt(power10(int(t.Scale))))
	if t.Kind == column.Decimal128 {
		t.Precision = column.DecimalDigitsMax
		d, ok := intDecimal(scaled.Num())
		if !ok {
			return nullValue(t), fmt.Errorf("%w: decimal overflow", errValue)
		}
		return column.Value{Type: t, Decimal: d}, nil
	}
	if !scaled.Num().IsInt64() {
		return nullValue(t), fmt.Errorf("%w: integer overflow", errValue)
	}
	return column.Value{Type: t, Int: scaled.Num().Int64()}, nil
}

// toFloat is a number as the nearest float.
func toFloat(v column.Value) float64 {
	if v.Type.Kind == column.Float64 {
		return v.Float
	}
	r, _ := rational(v)
	return nearest(r)
}

// binary has three-valued logic for and, or; a null operand makes the others
// null. What stands right of a deciding and, or is not looked at.
func binary(e *expr.Binary, s column.Schema, row []column.Value) (column.Value, error) {
	l, err := evaluate(e.L, s, row)
	if err != nil {
		return l, err
	}
	decides := e.Op == "or"
	logic := e.Op == "or" || e.Op == "and"
	if logic && !l.Null && l.Bool == decides {
		return boolValue(decides), nil
	}
	r, err := evaluate(e.R, s, row)
	if err != nil {
		return r, err
	}
	if e.Op == "+" || e.Op == "-" {
		if err := fit(e, s, l, r); err != nil {
			return l, err
		}
	}
	switch {
	case logic && !r.Null && r.Bool == decides:
		return boolValue(decides), nil
	case l.Null || r.Null:
		return retype(nullValue(column.Type{}), e, s), nil
	case logic:
		return boolValue(!decides), nil
	}
	switch e.Op {
	case "=", "!=", "<", "<=", ">", ">=":
		return boolValue(compares(e.Op, l, r)), nil
	}
	return arithmetic(e.Op, l, r)
}

// fit is for sums of decimals: each term is brought to the scale of the sum
// first, and must be in range there, whatever the other is.
func fit(e *expr.Binary, s column.Schema, terms ...column.Value) error {
	t, err := typeOf(e, s)
	if err != nil || t.Kind != column.Decimal128 {
		return err
	}
	for _, v := range terms {
		if _, err := convert(v, t); err != nil {
			return err
		}
	}
	return nil
}

// compares is a comparison of two values that are not null: of floats as IEEE
// has it when one of them is a float, of numbers exactly, else of one type.
func compares(op expr.Op, l, r column.Value) bool {
	var order int
	switch {
	case l.Type.Kind == column.Float64 || r.Type.Kind == column.Float64:
		a, b := toFloat(l), toFloat(r)
		switch {
		case a < b:
			order = -1
		case a > b:
			order = 1
		case a != b:
			return op == "!="
		}
	case l.Type.Kind == column.String || l.Type.Kind == column.Bool:
		order = l.Compare(r)
	default:
		a, _ := rational(l)
		b, _ := rational(r)
		order = a.Cmp(b)
	}
	return map[expr.Op]bool{
		"=": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0,
	}[op]
}

func arithmetic(op expr.Op, l, r column.Value) (column.Value, error) {
	t := binaryType(op, l.Type, r.Type)
	if t.Kind == column.Float64 {
		a, b := toFloat(l), toFloat(r)
		switch op {
		case "+":
			return floatValue(a + b), nil
		case "-":
			return floatValue(a - b), nil
		case "*":
			return floatValue(a * b), nil
		}
		return floatValue(a / b), nil
	}
	a, _ := rational(l)
	b, _ := rational(r)
	switch op {
	case "+", "-":
		if op == "-" {
			b.Neg(b)
		}
		return exactValue(a.Add(a, b), t)
	case "*":
		return exactValue(a.Mul(a, b), t)
	}
	if b.Sign() == 0 {
		return nullValue(t), fmt.Errorf("%w: remainder by zero", errValue)
	}
	rest := new(big.Int).Rem(a.Num(), b.Num()) // with the sign of a
	return exactValue(new(big.Rat).SetInt(rest), t)
}

// in is true if x equals a member, null if that cannot be told because of a
// null, else false.
func in(e *expr.In, s column.Schema, row []column.Value) (column.Value, error) {
	x, err := evaluate(e.X, s, row)
	if err != nil || x.Null {
		return nullValue(column.TypeOf(column.Bool)), err
	}
	unknown, floats := false, false
	for _, l := range e.List {
		unknown = unknown || l.Value.Null
		floats = floats || l.Value.Type.Kind == column.Float64
	}
	if floats { // one of them makes all comparisons those of floats
		x = floatValue(toFloat(x))
	}
	for _, l := range e.List {
		if !l.Value.Null && compares("=", x, l.Value) {
			return boolValue(!e.Not), nil
		}
	}
	if unknown {
		return nullValue(column.TypeOf(column.Bool)), nil
	}
	return boolValue(e.Not), nil
}
