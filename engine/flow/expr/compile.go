package expr

import "parallax/engine/flow/column"

// Program is an expression bound to a schema. It owns the memory of its results,
// so it serves one caller at a time.
type Program struct {
	typ column.Type
}

// Compile checks the types of e against the columns of s. The error is an
// *[Error].
func Compile(e Expr, s column.Schema) (*Program, error) { panic("expr: soon") }

// Type is the type of the result.
func (p *Program) Type() column.Type { return p.typ }

// Eval computes the expression for all rows of b, also those that are not
// selected; only a selected row can raise a *[RowError]. The result is valid
// until the next Eval and must not be changed.
func (p *Program) Eval(b *column.Batch) (*column.Column, error) { panic("expr: soon") }

// FunctionNames lists the functions that expressions may call.
func FunctionNames() []string { return nil }
