package expr

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/flow/column"
)

// ErrSchema is returned by Eval for a batch that has not the columns which the
// program was compiled for.
var ErrSchema = errors.New("expr: batch of another schema")

// Program is an expression bound to a schema. It owns the memory of its results,
// so it serves one caller at a time.
type Program struct {
	root   node
	typ    column.Type
	fields []binding
	sites  []site // fault n of a row is sites[n-1]
}

// binding is a column that the program reads.
type binding struct {
	at  int
	typ column.Type
}

// site is an operator that can fail for a row.
type site struct {
	at   int
	what string
}

// Compile checks the types of e against the columns of s. The error is an
// *[Error].
func Compile(e Expr, s column.Schema) (*Program, error) {
	c := compiler{schema: s, program: &Program{}}
	root, err := c.compile(e)
	if err == nil && root.null() {
		err = errorAt(e.Pos(), "the type of null is not known here")
	}
	if err != nil {
		return nil, err
	}
	c.program.root, c.program.typ = root.node, root.typ
	return c.program, nil
}

// Type is the type of the result.
func (p *Program) Type() column.Type { return p.typ }

// Columns appends the numbers of the columns that the program may read.
func (p *Program) Columns(list []int) []int {
	for i := range p.fields {
		list = append(list, p.fields[i].at)
	}
	return list
}

// Eval computes the expression for all rows of b, also those that are not
// selected; only a selected row can raise a *[RowError]. The result is valid
// until the next Eval and must not be changed. A row that failed without being
// selected has an arbitrary value.
func (p *Program) Eval(b *column.Batch) (*column.Column, error) { return p.EvalWhere(b, nil) }

// EvalWhere is Eval for those who use only the selected rows for which where is
// true (nil: all): no other row can raise an error.
func (p *Program) EvalWhere(b *column.Batch, where []bool) (*column.Column, error) {
	v, err := p.eval(b)
	if err != nil {
		return nil, err
	}
	if v.bad != nil {
		if err := p.failure(b, v.bad, where); err != nil {
			return nil, err
		}
	}
	return v.col, nil
}

// Select appends to rows the selected rows of b for which a program of type bool
// is true: neither false nor null.
func (p *Program) Select(b *column.Batch, rows []int32) ([]int32, error) {
	c, err := p.Eval(b)
	if err != nil {
		return rows, err
	}
	// No branch depends on the rows: the place is written before it is taken.
	at := len(rows)
	rows = slices.Grow(rows, b.Selected())[:at+b.Selected()]
	if b.Select != nil {
		for _, row := range b.Select {
			rows[at] = row
			if c.Bools[row] && (c.Null == nil || !c.Null[row]) {
				at++
			}
		}
		return rows[:at], nil
	}
	for row, is := range c.Bools[:b.Rows] { // a null row's value is false
		rows[at] = int32(row)
		if is {
			at++
		}
	}
	return rows[:at], nil
}

func (p *Program) eval(b *column.Batch) (vec, error) {
	for _, f := range p.fields {
		if f.at >= len(b.Columns) || b.Columns[f.at].Type != f.typ || b.Columns[f.at].Len() != b.Rows {
			return vec{}, fmt.Errorf("%w: column %d is not %d rows of %s", ErrSchema, f.at, b.Rows, f.typ)
		}
	}
	return p.root.eval(b), nil
}

// failure is the error of the first row that failed and is used, or nil.
func (p *Program) failure(b *column.Batch, bad []uint16, where []bool) error {
	for i := range b.Selected() {
		row := i
		if b.Select != nil {
			row = int(b.Select[i])
		}
		if bad[row] != 0 && (where == nil || where[row]) {
			s := p.sites[bad[row]-1]
			return &RowError{Partition: b.Partition, Row: row, Offset: b.Offset + int64(row), At: s.at, What: s.what}
		}
	}
	return nil
}

// compiler makes nodes of expressions, checking types on the way.
type compiler struct {
	schema  column.Schema
	program *Program
}

// operand is a compiled expression and its type; the zero type is that of a bare
// null.
type operand struct {
	node node
	typ  column.Type
	expr Expr
}

func (o operand) null() bool { return o.typ.Kind == 0 }

// constant is the operand's value if it was written as a literal.
func (o operand) constant() (column.Value, bool) {
	if l, ok := o.node.(*literalNode); ok {
		return l.value, true
	}
	return column.Value{}, false
}

// site numbers an operator that can fail.
func (c *compiler) site(e Expr, what string) uint16 {
	sites := &c.program.sites
	if len(*sites) < 1<<16-1 {
		*sites = append(*sites, site{at: e.Pos(), what: what + " in \"" + e.String() + "\""})
	}
	return uint16(len(*sites))
}

func (c *compiler) compile(e Expr) (operand, *Error) {
	var o operand
	var err *Error
	switch e := e.(type) {
	case *Literal:
		if o.typ = e.Value.Type; e.Value.Null {
			o.typ = column.Type{}
		}
		o.node = newLiteral(e.Value)
	case *Field:
		o, err = c.field(e)
	case *Unary:
		o, err = c.unary(e)
	case *Binary:
		o, err = c.binary(e)
	case *Func:
		o, err = c.call(e)
	case *In:
		o, err = c.in(e)
	case *IsNull:
		o, err = c.compile(e.X)
		o = operand{node: &isNullNode{x: o.node, not: e.Not}, typ: column.TypeOf(column.Bool)}
	default:
		err = errorAt(0, "an expression is missing")
	}
	o.expr = e
	return o, err
}

func (c *compiler) field(e *Field) (operand, *Error) {
	at := c.schema.Index(e.Name)
	if at < 0 {
		err := errorAt(e.At, "unknown column %q", e.Name)
		if err.Nearest = Nearest(e.Name, c.schema.Names()); err.Nearest != "" {
			err.Nearest = (&Field{Name: err.Nearest}).String() // in backquotes if it needs them
		}
		return operand{}, err
	}
	typ := c.schema[at].Type
	c.program.fields = append(c.program.fields, binding{at: at, typ: typ})
	return operand{node: &fieldNode{at: at}, typ: typ}, nil
}

func (c *compiler) unary(e *Unary) (operand, *Error) {
	x, err := c.compile(e.X)
	switch {
	case err != nil:
		return x, err
	case e.Op == "not":
		if x, err = c.truth(x, "not"); err != nil {
			return x, err
		}
		return operand{node: &notNode{x: x.node}, typ: x.typ}, nil
	case e.Op != "-":
		return x, errorAt(e.At, "unknown operator %q", e.Op)
	case !x.typ.Numeric():
		return x, errorAt(e.At, "cannot negate %s", typeName(x))
	case x.typ.Kind == column.Decimal128:
		typ := decimalType(x.typ.Scale)
		return operand{node: &negDecimal{x: x.node, typ: typ}, typ: typ}, nil
	case x.typ.Kind == column.Float64:
		return operand{node: &negFloat{x: x.node}, typ: x.typ}, nil
	}
	zero := newLiteral(column.Value{Type: x.typ})
	return operand{node: &intArith{op: "-", l: zero, r: x.node, kind: column.Int64, site: c.site(e, overflowInt)}, typ: x.typ}, nil
}

func (c *compiler) binary(e *Binary) (operand, *Error) {
	l, err := c.compile(e.L)
	if err != nil {
		return l, err
	}
	r, err := c.compile(e.R)
	if err != nil {
		return r, err
	}
	switch e.Op {
	case "and", "or":
		if l, err = c.truth(l, e.Op); err != nil {
			return l, err
		}
		if r, err = c.truth(r, e.Op); err != nil {
			return r, err
		}
		return operand{node: &logicNode{l: l.node, r: r.node, decides: e.Op == "or"}, typ: l.typ}, nil
	case "=", "!=", "<", "<=", ">", ">=":
		return c.compare(e, l, r)
	case "+", "-", "*", "/", "%":
		return c.arithmetic(e, l, r)
	}
	return operand{}, errorAt(e.At, "unknown operator %q", e.Op)
}

// truth wants an operand of and, or, not.
func (c *compiler) truth(o operand, op Op) (operand, *Error) {
	if o.null() {
		return c.coerce(o, column.TypeOf(column.Bool), o.expr)
	}
	if o.typ.Kind != column.Bool {
		return o, errorAt(o.expr.Pos(), "\"%s\" needs bool, this is %s", op, o.typ)
	}
	return o, nil
}

// typeName is how an operand's type is called in a message.
func typeName(o operand) string {
	if o.null() {
		return "null"
	}
	return o.typ.String()
}
