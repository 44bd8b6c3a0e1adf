package expr

import (
	"strconv"
	"strings"

	"parallax/engine/flow/column"
)

// depthMax is how deeply an expression may nest. Its canonical text may take two
// calls of the parser for each level, and what was read may have had more
// parentheses than that; recursionMax leaves room for both.
const (
	depthMax     = 200
	recursionMax = 1000
)

// Parse reads an expression. The error is an *[Error].
func Parse(src string) (Expr, error) {
	p := parser{src: src}
	e, err := p.whole()
	if err != nil {
		return nil, err
	}
	return e, nil
}

// ParseCall reads a call of an aggregate function: a name, arguments in
// parentheses, and perhaps "where" and a condition. The error is an *[Error].
func ParseCall(src string) (CallExpr, error) {
	p := parser{src: src}
	c, err := p.call()
	if err != nil {
		return CallExpr{}, err
	}
	return c, nil
}

type parser struct {
	src   string
	tok   token // the token at hand
	next  int   // offset behind it
	depth int
}

func (p *parser) advance() *Error {
	tok, next, err := lex(p.src, p.next)
	if err != nil {
		return err
	}
	p.tok, p.next = tok, next
	return nil
}

func (p *parser) is(kind tokenKind, text string) bool {
	return p.tok.kind == kind && p.tok.text == text
}

// want passes over a token that must be there.
func (p *parser) want(kind tokenKind, text string) *Error {
	if !p.is(kind, text) {
		return errorAt(p.tok.at, "expected %q, found %s", text, p.tok.describe())
	}
	return p.advance()
}

func (p *parser) whole() (Expr, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.expr(bindOr)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokenEnd {
		return nil, p.unexpected("an operator or the end")
	}
	return e, shallow(e)
}

// shallow refuses an expression that nests too deeply.
func shallow(e Expr) *Error {
	if depth(e) > depthMax {
		return errorAt(e.Pos(), "nested more than %d deep", depthMax)
	}
	return nil
}

func depth(e Expr) int {
	d := 0
	switch e := e.(type) {
	case *Unary:
		d = depth(e.X)
	case *Binary:
		d = max(depth(e.L), depth(e.R))
	case *Func:
		for _, a := range e.Args {
			d = max(d, depth(a))
		}
	case *In:
		d = depth(e.X)
	case *IsNull:
		d = depth(e.X)
	}
	return d + 1
}

func (p *parser) unexpected(wanted string) *Error {
	if p.is(tokenKey, "where") {
		return errorAt(p.tok.at, "\"where\" belongs behind an aggregate's arguments")
	}
	return errorAt(p.tok.at, "expected %s, found %s", wanted, p.tok.describe())
}

func (p *parser) call() (CallExpr, *Error) {
	if err := p.advance(); err != nil {
		return CallExpr{}, err
	}
	c := CallExpr{At: p.tok.at, Func: p.tok.text}
	if p.tok.kind != tokenWord || p.tok.quoted {
		return c, errorAt(p.tok.at, "expected an aggregate function such as sum(x), found %s", p.tok.describe())
	}
	err := p.advance()
	if err == nil && !p.is(tokenSymbol, "(") {
		return c, errorAt(p.tok.at, "expected \"(\" behind %s, found %s", c.Func, p.tok.describe())
	}
	if err == nil {
		c.Args, err = p.args()
	}
	if err == nil && p.is(tokenKey, "where") {
		if err = p.advance(); err == nil {
			c.Where, err = p.expr(bindOr)
		}
		if err == nil {
			err = shallow(c.Where)
		}
	}
	for _, a := range c.Args {
		if err == nil {
			err = shallow(a)
		}
	}
	if err == nil && p.tok.kind != tokenEnd {
		return c, errorAt(p.tok.at, "expected \"where\" or the end, found %s", p.tok.describe())
	}
	return c, err
}

// args reads "(a, b, …)", standing at the parenthesis.
func (p *parser) args() ([]Expr, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	var args []Expr
	for !p.is(tokenSymbol, ")") {
		if len(args) > 0 {
			if err := p.want(tokenSymbol, ","); err != nil {
				return nil, err
			}
		}
		a, err := p.expr(bindOr)
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	return args, p.advance()
}

// expr reads an expression whose operators bind at least as strongly as least
// (Pratt's method: operands, then operators for as long as they bind).
func (p *parser) expr(least int) (Expr, *Error) {
	if p.depth++; p.depth > recursionMax {
		return nil, errorAt(p.tok.at, "nested too deeply")
	}
	defer func() { p.depth-- }()
	left, err := p.prefix(least)
	for steps := 0; err == nil; steps++ {
		bind, wide := p.operator()
		if bind == 0 || bind < least {
			return left, nil
		}
		if steps >= depthMax {
			return nil, errorAt(p.tok.at, "more than %d operators in a row: use parentheses or \"in\"", depthMax)
		}
		left, err = p.infix(left, bind, wide)
		if err == nil && bind == bindCompare {
			if again, _ := p.operator(); again == bindCompare {
				return nil, errorAt(p.tok.at, "comparisons do not chain: use \"and\" or parentheses")
			}
		}
	}
	return nil, err
}

// operator is how strongly the infix operator at hand binds, 0 if there is none;
// wide tells "in", "not in" and "is".
func (p *parser) operator() (bind int, wide bool) {
	switch {
	case p.tok.kind == tokenKey:
		switch p.tok.text {
		case "in", "is", "not":
			return bindCompare, true
		}
		return bindings[Op(p.tok.text)], false
	case p.tok.kind == tokenSymbol:
		return bindings[Op(p.tok.text)], false
	}
	return 0, false
}

func (p *parser) infix(left Expr, bind int, wide bool) (Expr, *Error) {
	op, at := Op(p.tok.text), p.tok.at
	if err := p.advance(); err != nil {
		return nil, err
	}
	if wide {
		return p.membership(left, op, at)
	}
	right, err := p.expr(bind + 1)
	if err != nil {
		return nil, err
	}
	return &Binary{At: at, Op: op, L: left, R: right}, nil
}

// membership reads what follows "in", "not" or "is".
func (p *parser) membership(x Expr, op Op, at int) (Expr, *Error) {
	not := op == "not"
	if op == "is" && p.is(tokenKey, "not") {
		not = true
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if op == "is" {
		if err := p.want(tokenKey, "null"); err != nil {
			return nil, err
		}
		return &IsNull{At: at, X: x, Not: not}, nil
	}
	if not {
		if err := p.want(tokenKey, "in"); err != nil {
			return nil, err
		}
	}
	if !p.is(tokenSymbol, "(") {
		return nil, errorAt(p.tok.at, "expected a list in parentheses, found %s", p.tok.describe())
	}
	args, err := p.args()
	if err != nil {
		return nil, err
	}
	in := &In{At: at, X: x, Not: not}
	for _, a := range args {
		l, ok := a.(*Literal)
		if !ok {
			return nil, errorAt(a.Pos(), "the list of \"in\" holds constants only")
		}
		in.List = append(in.List, l)
	}
	if len(in.List) == 0 {
		return nil, errorAt(at, "the list of \"in\" is empty")
	}
	return in, nil
}

// prefix reads an operand with the operators before it.
func (p *parser) prefix(least int) (Expr, *Error) {
	tok := p.tok
	switch {
	case p.is(tokenKey, "not"):
		if least > bindNot {
			return nil, errorAt(tok.at, "\"not\" needs parentheses here")
		}
		return p.unary("not", bindNot)
	case p.is(tokenSymbol, "!"):
		return p.unary("not", bindUnary)
	case p.is(tokenSymbol, "-"):
		after, next, err := lex(p.src, p.next)
		if err == nil && after.kind == tokenNumber {
			p.tok, p.next = after, next
			return p.number("-", tok.at)
		}
		return p.unary("-", bindUnary)
	}
	return p.primary()
}

func (p *parser) unary(op Op, bind int) (Expr, *Error) {
	at := p.tok.at
	if err := p.advance(); err != nil {
		return nil, err
	}
	x, err := p.expr(bind)
	if err != nil {
		return nil, err
	}
	return &Unary{At: at, Op: op, X: x}, nil
}

func (p *parser) primary() (Expr, *Error) {
	tok := p.tok
	switch {
	case tok.kind == tokenNumber:
		return p.number("", tok.at)
	case tok.kind == tokenString:
		v := column.Value{Type: column.TypeOf(column.String), String: tok.text}
		return &Literal{At: tok.at, Value: v}, p.advance()
	case p.is(tokenKey, "null"):
		return &Literal{At: tok.at, Value: column.Value{Null: true}}, p.advance()
	case p.is(tokenKey, "true") || p.is(tokenKey, "false"):
		v := column.Value{Type: column.TypeOf(column.Bool), Bool: tok.text == "true"}
		return &Literal{At: tok.at, Value: v}, p.advance()
	case p.is(tokenSymbol, "("):
		if err := p.advance(); err != nil {
			return nil, err
		}
		e, err := p.expr(bindOr)
		if err != nil {
			return nil, err
		}
		return e, p.want(tokenSymbol, ")")
	case tok.kind == tokenWord:
		if err := p.advance(); err != nil {
			return nil, err
		}
		if tok.quoted || !p.is(tokenSymbol, "(") {
			return &Field{At: tok.at, Name: tok.text}, nil
		}
		args, err := p.args()
		if err != nil {
			return nil, err
		}
		return &Func{At: tok.at, Name: tok.text, Args: args}, nil
	}
	return nil, p.unexpected("a column, a constant or a call")
}

// number makes a literal of the number at hand, whose sign stands at offset at.
func (p *parser) number(sign string, at int) (Expr, *Error) {
	text := sign + p.tok.text
	v, err := parseNumber(text, at)
	if err != nil {
		return nil, err
	}
	return &Literal{At: at, Value: v}, p.advance()
}

func parseNumber(text string, at int) (column.Value, *Error) {
	if strings.ContainsAny(text, "eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return column.Value{}, errorAt(at, "%s does not fit a float64", text)
		}
		return column.Value{Type: column.TypeOf(column.Float64), Float: f}, nil
	}
	_, fraction, point := strings.Cut(text, ".")
	if !point {
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return column.Value{Type: column.TypeOf(column.Int64), Int: i}, nil
		}
	}
	typ := column.Type{Kind: column.Decimal128, Precision: column.DecimalDigitsMax, Scale: uint8(min(len(fraction), 255))}
	d, err := column.ParseDecimal(text, typ)
	if err != nil || typ.Scale > column.DecimalDigitsMax {
		return column.Value{}, errorAt(at, "%s has more than %d digits", text, column.DecimalDigitsMax)
	}
	return column.Value{Type: typ, Decimal: d}, nil
}
