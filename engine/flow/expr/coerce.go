package expr

import (
	"strconv"

	"parallax/engine/flow/column"
)

// What an operator says of a row for which it has no value.
const (
	overflowInt     = "integer overflow"
	overflowDecimal = "decimal overflow (more than 38 digits)"
	remainderZero   = "remainder by zero"
	notInt          = "not an integer of 64 bits"
	notNumber       = "not a number"
)

// decimalType is the type of a decimal that was computed: the full precision.
func decimalType(scale uint8) column.Type {
	return column.Type{Kind: column.Decimal128, Precision: column.DecimalDigitsMax, Scale: scale}
}

// common is the type in which two operands meet: their own if they are alike,
// float64 where a number is one, else a decimal of the greater scale. A bare
// null goes along with anything.
func common(a, b operand) (column.Type, bool) {
	switch {
	case a.null():
		return b.typ, true
	case b.null() || a.typ == b.typ:
		return a.typ, true
	case !a.typ.Numeric() || !b.typ.Numeric():
		return column.Type{}, false
	case a.typ.Kind == column.Float64 || b.typ.Kind == column.Float64:
		return column.TypeOf(column.Float64), true
	}
	return decimalType(max(a.typ.Scale, b.typ.Scale)), true // an int64 has scale 0
}

// coerce makes an operand a value of a type that [common] named; e is the
// operation that wants it, to be named if a row does not fit.
func (c *compiler) coerce(o operand, t column.Type, e Expr) (operand, *Error) {
	if v, ok := o.constant(); ok {
		v, err := coerceValue(v, t, o.expr)
		return operand{node: newLiteral(v), typ: t, expr: o.expr}, err
	}
	if o.typ.Kind == t.Kind && o.typ.Scale == t.Scale {
		o.typ = t
		return o, nil
	}
	n := o.node
	switch {
	case t.Kind == column.Float64 && o.typ.Kind == column.Int64:
		n = &intToFloat{x: n}
	case t.Kind == column.Float64:
		n = &decimalToFloat{x: n, scale: o.typ.Scale}
	case o.typ.Kind == column.Int64:
		n = &intToDecimal{x: n, typ: t, site: c.site(e, overflowDecimal)}
	default:
		n = &rescaleNode{x: n, digits: t.Scale - o.typ.Scale, typ: t, site: c.site(e, overflowDecimal)}
	}
	return operand{node: n, typ: t, expr: o.expr}, nil
}

// coerceValue does to a constant what coerce does to an operand.
func coerceValue(v column.Value, t column.Type, e Expr) (column.Value, *Error) {
	from := v.Type
	switch {
	case v.Null:
		return column.Value{Type: t, Null: true}, nil
	case from.Kind == t.Kind && from.Scale == t.Scale:
	case t.Kind == column.Float64:
		f, err := strconv.ParseFloat(v.Text(), 64)
		if err != nil {
			return v, errorAt(e.Pos(), "%s does not fit float64", v.Text())
		}
		return column.Value{Type: t, Float: f}, nil
	default:
		if from.Kind == column.Int64 {
			v.Decimal = column.DecimalFromInt(v.Int)
		}
		d, ok := rescale(v.Decimal, t.Scale-from.Scale)
		if !ok {
			return v, errorAt(e.Pos(), "%s does not fit %s", v.Text(), t)
		}
		return column.Value{Type: t, Decimal: d}, nil
	}
	v.Type = t
	return v, nil
}

// verbs say what an operator does, for messages; %[1]s is the left type.
var verbs = map[Op]string{
	"+": "cannot add %[2]s to %[1]s",
	"-": "cannot subtract %[2]s from %[1]s",
	"*": "cannot multiply %[1]s by %[2]s",
	"/": "cannot divide %[1]s by %[2]s",
	"%": "cannot take the remainder of %[1]s by %[2]s",
}

// mismatch is the error of an operator that does not take its operands' types.
func mismatch(e Expr, op Op, l, r operand) *Error {
	verb := verbs[op]
	if verb == "" {
		verb = "cannot compare %[1]s with %[2]s"
	}
	err := errorAt(e.Pos(), verb, typeName(l), typeName(r))
	text, number := l, r
	if l.typ.Numeric() {
		text, number = r, l
	}
	if text.typ.Kind != column.String || !number.typ.Numeric() {
		return err
	}
	if v, ok := number.constant(); ok && verbs[op] == "" {
		err.Nearest = "'" + v.Text() + "'"
		return err
	}
	err.Nearest = "float(" + text.expr.String() + ")"
	if number.typ.Kind == column.Int64 {
		err.Nearest = "int(" + text.expr.String() + ")"
	}
	return err
}

// arithmetic gives +, -, *, / and % their types:
//
//	int64 op int64              int64, exact
//	decimal with int64, decimal decimal, exact: + and - have the greater scale,
//	                            * the sum of both scales
//	float64 with any number     float64
//	any number / any number     float64
//	int64 % int64               int64, with the sign of the left operand
//	timestamp ± int64           timestamp (microseconds)
//	timestamp - timestamp       int64 (microseconds)
func (c *compiler) arithmetic(e *Binary, l, r operand) (operand, *Error) {
	if l.typ.Kind == column.Timestamp || r.typ.Kind == column.Timestamp {
		return c.timestamps(e, l, r)
	}
	t, ok := common(l, r)
	if !ok || !t.Numeric() || e.Op == "%" && t.Kind != column.Int64 {
		return operand{}, mismatch(e, e.Op, l, r)
	}
	if e.Op == "*" && t.Kind == column.Decimal128 {
		return c.product(e, l, r)
	}
	if e.Op == "/" {
		t = column.TypeOf(column.Float64)
	}
	l, err := c.coerce(l, t, e)
	if err != nil {
		return l, err
	}
	if r, err = c.coerce(r, t, e); err != nil {
		return r, err
	}
	switch {
	case e.Op == "%":
		return operand{node: &remainderNode{l: l.node, r: r.node, site: c.site(e, remainderZero)}, typ: t}, nil
	case t.Kind == column.Float64:
		return operand{node: &floatArith{op: e.Op, l: l.node, r: r.node}, typ: t}, nil
	case t.Kind == column.Int64:
		return operand{node: &intArith{op: e.Op, l: l.node, r: r.node, kind: t.Kind, site: c.site(e, overflowInt)}, typ: t}, nil
	}
	typ := decimalType(t.Scale)
	return operand{node: &sumDecimal{minus: e.Op == "-", l: l.node, r: r.node, typ: typ, site: c.site(e, overflowDecimal)}, typ: typ}, nil
}

// product multiplies decimals, or a decimal and an int64.
func (c *compiler) product(e *Binary, l, r operand) (operand, *Error) {
	scale := int(l.typ.Scale) + int(r.typ.Scale)
	if scale > column.DecimalDigitsMax {
		return operand{}, errorAt(e.At, "a product of %s and %s has %d digits behind the point, more than %d",
			typeName(l), typeName(r), scale, column.DecimalDigitsMax)
	}
	for _, o := range []*operand{&l, &r} {
		t := decimalType(o.typ.Scale)
		if o.typ.Kind == column.Int64 {
			if _, constant := o.constant(); !constant {
				continue // the node reads integers itself
			}
		}
		var err *Error
		if *o, err = c.coerce(*o, t, e); err != nil {
			return *o, err
		}
	}
	typ := decimalType(uint8(scale))
	return operand{node: &productDecimal{l: l.node, r: r.node, typ: typ, site: c.site(e, overflowDecimal)}, typ: typ}, nil
}

func (c *compiler) timestamps(e *Binary, l, r operand) (operand, *Error) {
	kind := column.Timestamp
	long := func(o operand) bool { return o.typ.Kind == column.Int64 || o.null() }
	switch lt, rt := l.typ.Kind == column.Timestamp, r.typ.Kind == column.Timestamp; {
	case e.Op == "-" && lt && rt:
		kind = column.Int64
	case (e.Op == "+" || e.Op == "-") && lt && long(r):
	case e.Op == "+" && rt && long(l):
	default:
		return operand{}, mismatch(e, e.Op, l, r)
	}
	for _, o := range []*operand{&l, &r} {
		if o.null() {
			o.node = newLiteral(column.Value{Type: column.TypeOf(column.Int64), Null: true})
		}
	}
	node := &intArith{op: e.Op, l: l.node, r: r.node, kind: kind, site: c.site(e, overflowInt)}
	return operand{node: node, typ: column.TypeOf(kind)}, nil
}
