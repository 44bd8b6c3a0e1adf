package expr

import (
	"strconv"
	"strings"

	"parallax/engine/flow/column"
)

// Binding strengths, weakest first. Comparisons, "in" and "is" do not chain.
const (
	bindOr = iota + 1
	bindAnd
	bindNot
	bindCompare
	bindAdd
	bindMul
	bindUnary
)

var bindings = map[Op]int{
	"or": bindOr, "and": bindAnd,
	"=": bindCompare, "!=": bindCompare, "<": bindCompare, "<=": bindCompare, ">": bindCompare, ">=": bindCompare,
	"+": bindAdd, "-": bindAdd, "*": bindMul, "/": bindMul, "%": bindMul,
}

// String is the canonical text of the constant.
func (e *Literal) String() string { return string(e.appendTo(nil, 0)) }

// String is the name, in backquotes where it is no plain word.
func (e *Field) String() string { return string(e.appendTo(nil, 0)) }

// String is the canonical text.
func (e *Unary) String() string { return string(e.appendTo(nil, 0)) }

// String is the canonical text, with no more parentheses than needed.
func (e *Binary) String() string { return string(e.appendTo(nil, 0)) }

// String is the canonical text.
func (e *Func) String() string { return string(e.appendTo(nil, 0)) }

// String is the canonical text.
func (e *In) String() string { return string(e.appendTo(nil, 0)) }

// String is the canonical text.
func (e *IsNull) String() string { return string(e.appendTo(nil, 0)) }

// String is the canonical text, as ParseCall reads it.
func (c CallExpr) String() string {
	b := appendArgs(append([]byte(nil), c.Func...), c.Args)
	if c.Where != nil {
		b = c.Where.appendTo(append(b, " where "...), 0)
	}
	return string(b)
}

func (e *Literal) appendTo(b []byte, _ int) []byte {
	v := e.Value
	switch {
	case v.Null:
		return append(b, "null"...)
	case v.Type.Kind == column.String:
		return appendQuoted(b, v.String, '\'')
	case v.Type.Kind == column.Float64:
		return strconv.AppendFloat(b, v.Float, 'e', -1, 64)
	}
	return append(b, v.Text()...)
}

func (e *Field) appendTo(b []byte, _ int) []byte {
	if isWord(e.Name) && keyword(e.Name) == "" {
		return append(b, e.Name...)
	}
	return appendQuoted(b, e.Name, '`')
}

func (e *Unary) appendTo(b []byte, outer int) []byte {
	if e.Op == "not" {
		b, shut := open(b, bindNot, outer)
		return append(e.X.appendTo(append(b, "not "...), bindNot), shut...)
	}
	b, shut := open(b, bindUnary, outer)
	b = append(b, '-')
	if l, ok := e.X.(*Literal); ok && !strings.HasPrefix(l.String(), "-") {
		// "-1" is a literal: the minus of one is not the literal minus one.
		return append(append(l.appendTo(append(b, '('), 0), ')'), shut...)
	}
	return append(e.X.appendTo(b, bindUnary), shut...)
}

func (e *Binary) appendTo(b []byte, outer int) []byte {
	bind := bindings[e.Op]
	left := bind
	if bind == bindCompare {
		left++
	}
	b, shut := open(b, bind, outer)
	b = e.L.appendTo(b, left)
	b = append(append(append(b, ' '), e.Op...), ' ')
	return append(e.R.appendTo(b, bind+1), shut...)
}

func (e *Func) appendTo(b []byte, _ int) []byte {
	return appendArgs(append(b, e.Name...), e.Args)
}

func (e *In) appendTo(b []byte, outer int) []byte {
	b, shut := open(b, bindCompare, outer)
	b = e.X.appendTo(b, bindCompare+1)
	if e.Not {
		b = append(b, " not"...)
	}
	b = append(b, " in ("...)
	for i, l := range e.List {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = l.appendTo(b, 0)
	}
	return append(append(b, ')'), shut...)
}

func (e *IsNull) appendTo(b []byte, outer int) []byte {
	b, shut := open(b, bindCompare, outer)
	b = append(e.X.appendTo(b, bindCompare+1), " is "...)
	if e.Not {
		b = append(b, "not "...)
	}
	return append(append(b, "null"...), shut...)
}

// open begins an expression of strength bind inside one that wants at least
// outer, and says what ends it.
func open(b []byte, bind, outer int) ([]byte, string) {
	if bind < outer {
		return append(b, '('), ")"
	}
	return b, ""
}

func appendArgs(b []byte, args []Expr) []byte {
	b = append(b, '(')
	for i, a := range args {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = a.appendTo(b, 0)
	}
	return append(b, ')')
}

// appendQuoted doubles the quote inside the text.
func appendQuoted(b []byte, s string, quote byte) []byte {
	b = append(b, quote)
	for i := 0; i < len(s); i++ {
		if s[i] == quote {
			b = append(b, quote)
		}
		b = append(b, s[i])
	}
	return append(b, quote)
}
