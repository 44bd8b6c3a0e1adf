package expr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"parallax/engine/flow/column"
)

// function is one that expressions may call.
type function struct {
	name     string
	takes    string
	args     [2]int // least and greatest number of arguments
	bindArgs func(c *compiler, e *Func, args []operand) (operand, *Error)
}

// functions lists all in the order of their names.
func functions() []function {
	return []function{
		{"abs", "abs(number)", [2]int{1, 1}, bindAbs},
		{"ceil", "ceil(number)", [2]int{1, 1}, bindRound},
		{"coalesce", "coalesce(a, b, …): the first that is not null", [2]int{1, chooseMax}, bindCoalesce},
		{"contains", "contains(string, part)", [2]int{2, 2}, bindPair},
		{"ends_with", "ends_with(string, part)", [2]int{2, 2}, bindPair},
		{"float", "float(number or string)", [2]int{1, 1}, bindFloat},
		{"floor", "floor(number)", [2]int{1, 1}, bindRound},
		{"if", "if(condition, then, else)", [2]int{3, 3}, bindIf},
		{"int", "int(value): toward zero", [2]int{1, 1}, bindInt},
		{"length", "length(string): characters", [2]int{1, 1}, bindText},
		{"lower", "lower(string)", [2]int{1, 1}, bindText},
		{"round", "round(number): halves away from zero", [2]int{1, 1}, bindRound},
		{"starts_with", "starts_with(string, part)", [2]int{2, 2}, bindPair},
		{"string", "string(value)", [2]int{1, 1}, bindString},
		{"upper", "upper(string)", [2]int{1, 1}, bindText},
	}
}

// FunctionNames lists the functions that expressions may call.
func FunctionNames() []string {
	var names []string
	for _, f := range functions() {
		names = append(names, f.name)
	}
	return names
}

func (c *compiler) call(e *Func) (operand, *Error) {
	for _, f := range functions() {
		if f.name != e.Name {
			continue
		}
		if n := len(e.Args); n < f.args[0] || n > f.args[1] {
			return operand{}, errorAt(e.At, "%s does not take %d arguments; it is %s", e.Name, n, f.takes)
		}
		args := make([]operand, len(e.Args))
		for i, a := range e.Args {
			var err *Error
			if args[i], err = c.compile(a); err != nil {
				return operand{}, err
			}
		}
		o, err := f.bindArgs(c, e, args)
		if err != nil && err.Msg == "" {
			*err = *errorAt(e.At, "%s does not take %s; it is %s", e.Name, typeNames(args), f.takes)
		}
		return o, err
	}
	err := errorAt(e.At, "unknown function %q", e.Name)
	err.Nearest = Nearest(e.Name, FunctionNames())
	return operand{}, err
}

func typeNames(args []operand) string {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = typeName(a)
	}
	return strings.Join(names, ", ")
}

// unfit is the error of arguments that have the wrong types; call words it.
func unfit() (operand, *Error) { return operand{}, &Error{} }

func bindAbs(c *compiler, e *Func, args []operand) (operand, *Error) {
	x := args[0]
	if !x.typ.Numeric() {
		return unfit()
	}
	t := x.typ
	if t.Kind == column.Decimal128 {
		t = decimalType(t.Scale)
	}
	return operand{node: &absNode{x: x.node, typ: t, site: c.site(e, overflowInt)}, typ: t}, nil
}

func bindRound(_ *compiler, e *Func, args []operand) (operand, *Error) {
	x := args[0]
	switch {
	case !x.typ.Numeric():
		return unfit()
	case x.typ.Kind == column.Int64:
		return x, nil
	case x.typ.Kind == column.Decimal128:
		return operand{node: &roundNode{x: x.node, from: x.typ, mode: e.Name}, typ: decimalType(0)}, nil
	}
	return operand{node: &roundNode{x: x.node, from: x.typ, mode: e.Name}, typ: x.typ}, nil
}

func bindIf(c *compiler, e *Func, args []operand) (operand, *Error) {
	cond, err := c.truth(args[0], "if")
	if err != nil {
		return cond, err
	}
	return c.choose(e, cond.node, args[1:])
}

func bindCoalesce(c *compiler, e *Func, args []operand) (operand, *Error) {
	return c.choose(e, nil, args)
}

// choose brings the operands to one type.
func (c *compiler) choose(e *Func, cond node, args []operand) (operand, *Error) {
	meet := operand{}
	for _, a := range args {
		t, ok := common(meet, a)
		if !ok {
			return operand{}, errorAt(a.expr.Pos(), "%s gives both %s and %s", e.Name, typeName(meet), typeName(a))
		}
		meet.typ = t
	}
	if meet.null() {
		return operand{}, errorAt(e.At, "%s gives nothing but null", e.Name)
	}
	x := &chooseNode{cond: cond, typ: meet.typ}
	for _, a := range args {
		a, err := c.coerce(a, meet.typ, e)
		if err != nil {
			return a, err
		}
		x.from = append(x.from, a.node)
	}
	return operand{node: x, typ: meet.typ}, nil
}

func bindFloat(c *compiler, e *Func, args []operand) (operand, *Error) {
	x := args[0]
	t := column.TypeOf(column.Float64)
	switch {
	case x.null():
		return unfit()
	case x.typ.Numeric():
		return c.coerce(x, t, e)
	case x.typ.Kind != column.String:
		return unfit()
	}
	parse := func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
	return operand{node: &parseNode[float64]{x: x.node, of: parse, begin: (*result).floats, site: c.site(e, notNumber)}, typ: t}, nil
}

func bindInt(c *compiler, e *Func, args []operand) (operand, *Error) {
	x := args[0]
	t := column.TypeOf(column.Int64)
	switch {
	case x.null():
		return unfit()
	case x.typ == t:
		return x, nil
	case x.typ.Kind == column.String:
		parse := func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }
		begin := func(r *result, n int) []int64 { return r.ints(column.Int64, n) }
		return operand{node: &parseNode[int64]{x: x.node, of: parse, begin: begin, site: c.site(e, notInt)}, typ: t}, nil
	}
	return operand{node: &toInt{x: x.node, from: x.typ, site: c.site(e, notInt)}, typ: t}, nil
}

func bindString(_ *compiler, _ *Func, args []operand) (operand, *Error) {
	x := args[0]
	if x.null() {
		return unfit()
	}
	if x.typ.Kind == column.String {
		return x, nil
	}
	return operand{node: &toText{x: x.node}, typ: column.TypeOf(column.String)}, nil
}

func bindText(_ *compiler, e *Func, args []operand) (operand, *Error) {
	x := args[0]
	if x.typ.Kind != column.String {
		return unfit()
	}
	switch e.Name {
	case "length":
		count := func(s string) int64 { return int64(utf8.RuneCountInString(s)) }
		return operand{node: &lengthNode{x: x.node, of: count}, typ: column.TypeOf(column.Int64)}, nil
	case "lower":
		return operand{node: &rewriteNode{x: x.node, of: strings.ToLower}, typ: x.typ}, nil
	}
	return operand{node: &rewriteNode{x: x.node, of: strings.ToUpper}, typ: x.typ}, nil
}

func bindPair(_ *compiler, e *Func, args []operand) (operand, *Error) {
	x, part := args[0], args[1]
	if x.typ.Kind != column.String || part.typ.Kind != column.String {
		return unfit()
	}
	test := map[string]func(s, t string) bool{
		"contains": strings.Contains, "starts_with": strings.HasPrefix, "ends_with": strings.HasSuffix,
	}[e.Name]
	out := operand{typ: column.TypeOf(column.Bool)}
	if v, ok := part.constant(); ok {
		out.node = &predicateNode{x: x.node, test: func(s string) bool { return test(s, v.String) }}
		return out, nil
	}
	out.node = &pairNode{l: x.node, r: part.node, test: test}
	return out, nil
}
