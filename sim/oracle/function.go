package oracle

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
)

// functionType is the type of a call's result.
func functionType(name string, args []column.Type) (column.Type, error) {
	switch name {
	case "abs", "floor", "ceil", "round":
		t := args[0]
		if t.Kind == column.Decimal128 {
			t.Precision = column.DecimalDigitsMax
			if name != "abs" {
				t.Scale = 0
			}
		}
		return t, nil
	case "length", "int":
		return column.TypeOf(column.Int64), nil
	case "lower", "upper", "string":
		return column.TypeOf(column.String), nil
	case "starts_with", "ends_with", "contains":
		return column.TypeOf(column.Bool), nil
	case "float":
		return column.TypeOf(column.Float64), nil
	case "if":
		return meetAll(args[1:]), nil
	case "coalesce":
		return meetAll(args), nil
	}
	return column.Type{}, fmt.Errorf("%w: no function %q", errType, name)
}

func meetAll(types []column.Type) column.Type {
	var t column.Type
	for _, u := range types {
		t = meet(t, u)
	}
	return t
}

// function calls a function for one row.
func function(e *expr.Func, s column.Schema, row []column.Value) (column.Value, error) {
	t, err := typeOf(e, s)
	if err != nil {
		return column.Value{}, err
	}
	switch e.Name {
	case "if":
		cond, err := evaluate(e.Args[0], s, row)
		if err != nil {
			return cond, err
		}
		chosen := e.Args[2]
		if !cond.Null && cond.Bool {
			chosen = e.Args[1]
		}
		v, err := evaluate(chosen, s, row)
		if err != nil {
			return v, err
		}
		return convert(v, t)
	case "coalesce":
		for _, a := range e.Args {
			v, err := evaluate(a, s, row)
			if err != nil {
				return v, err
			}
			if !v.Null {
				return convert(v, t)
			}
		}
		return nullValue(t), nil
	}
	args := make([]column.Value, len(e.Args))
	for i, a := range e.Args {
		if args[i], err = evaluate(a, s, row); err != nil {
			return args[i], err
		}
	}
	for _, a := range args {
		if a.Null {
			return nullValue(t), nil
		}
	}
	return apply(e.Name, t, args)
}

// convert makes a number of another numeric type that holds it.
func convert(v column.Value, t column.Type) (column.Value, error) {
	switch {
	case v.Null:
		return nullValue(t), nil
	case t.Kind == column.Float64:
		return floatValue(toFloat(v)), nil
	case t.Kind == column.Decimal128:
		r, _ := rational(v)
		x, err := exactValue(r, t)
		x.Type = t
		return x, err
	}
	return v, nil
}

// apply calls a function that is strict: none of its arguments is null.
func apply(name string, t column.Type, args []column.Value) (column.Value, error) {
	x := args[0]
	switch name {
	case "abs":
		if x.Type.Kind == column.Float64 {
			return floatValue(math.Abs(x.Float)), nil
		}
		r, _ := rational(x)
		return exactValue(r.Abs(r), t)
	case "floor", "ceil", "round":
		return whole(name, x, t)
	case "length":
		return intValue(int64(utf8.RuneCountInString(x.String))), nil
	case "lower":
		x.String = strings.ToLower(x.String)
		return x, nil
	case "upper":
		x.String = strings.ToUpper(x.String)
		return x, nil
	case "string":
		return column.Value{Type: t, String: x.Text()}, nil
	case "starts_with":
		return boolValue(strings.HasPrefix(x.String, args[1].String)), nil
	case "ends_with":
		return boolValue(strings.HasSuffix(x.String, args[1].String)), nil
	case "contains":
		return boolValue(strings.Contains(x.String, args[1].String)), nil
	case "float":
		if x.Type.Kind != column.String {
			return floatValue(toFloat(x)), nil
		}
		f, err := strconv.ParseFloat(x.String, 64)
		if err != nil {
			return nullValue(t), fmt.Errorf("%w: %w", errValue, err)
		}
		return floatValue(f), nil
	case "int":
		return toInt(x)
	}
	return nullValue(t), fmt.Errorf("%w: no function %q", errType, name)
}

// whole rounds down, up, or to the nearest with halves away from zero.
func whole(mode string, x column.Value, t column.Type) (column.Value, error) {
	r, finite := rational(x)
	if !finite || r.IsInt() {
		x.Type = t
		if finite && t.Kind == column.Decimal128 {
			return exactValue(r, t)
		}
		return x, nil // also -0
	}
	down := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean, so down: the denominator is positive
	up := new(big.Int).Add(down, big.NewInt(1))
	n := down
	switch mode {
	case "ceil":
		n = up
	case "round":
		below := new(big.Rat).Sub(r, new(big.Rat).SetInt(down))
		if c := below.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && r.Sign() > 0 {
			n = up
		}
	}
	if t.Kind == column.Float64 {
		return floatValue(math.Copysign(nearest(new(big.Rat).SetInt(n)), x.Float)), nil
	}
	return exactValue(new(big.Rat).SetInt(n), t)
}

// toInt goes toward zero.
func toInt(x column.Value) (column.Value, error) {
	t := column.TypeOf(column.Int64)
	switch x.Type.Kind {
	case column.Bool:
		if x.Bool {
			return intValue(1), nil
		}
		return intValue(0), nil
	case column.String:
		n, err := strconv.ParseInt(x.String, 10, 64)
		if err != nil {
			return nullValue(t), fmt.Errorf("%w: %w", errValue, err)
		}
		return intValue(n), nil
	}
	r, finite := rational(x)
	if !finite {
		return nullValue(t), fmt.Errorf("%w: not an integer", errValue)
	}
	n := new(big.Int).Quo(r.Num(), r.Denom())
	return exactValue(new(big.Rat).SetInt(n), t)
}
