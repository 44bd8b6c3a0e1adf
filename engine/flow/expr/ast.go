package expr

import "parallax/engine/flow/column"

// Op is an operator, named as it is printed: "or", "and", "not", "=", "!=", "<",
// "<=", ">", ">=", "+", "-", "*", "/", "%".
type Op string

// Expr is an expression as written: one of *Literal, *Field, *Unary, *Binary,
// *Func, *In, *IsNull. It is immutable.
type Expr interface {
	// Pos is the byte offset into the source text at which errors about the
	// expression point: an operator's own place, else its beginning.
	Pos() int
	// String is the canonical text: it parses to an equal expression.
	String() string
	appendTo(b []byte, outer int) []byte
}

// Literal is a constant. Integers are Int64 (Decimal128 of scale 0 if they do
// not fit), 12.50 is Decimal128 of precision 38 and as many digits behind the
// point as written, 1e3 is Float64. null has the zero type.
type Literal struct {
	At    int
	Value column.Value
}

// Field is a column.
type Field struct {
	At   int
	Name string
}

// Unary is "-" or "not" before X.
type Unary struct {
	At int
	Op Op
	X  Expr
}

// Binary is an operator between L and R; At is the operator's place.
type Binary struct {
	At   int
	Op   Op
	L, R Expr
}

// Func is a call of one of [FunctionNames].
type Func struct {
	At   int
	Name string
	Args []Expr
}

// In is "X in (List)", or with Not "X not in (List)"; At is the operator's place.
type In struct {
	At   int
	X    Expr
	List []*Literal
	Not  bool
}

// IsNull is "X is null", or with Not "X is not null"; At is the operator's place.
type IsNull struct {
	At  int
	X   Expr
	Not bool
}

// CallExpr is a call of an aggregate function. Args are all arguments, also the
// literal ones that parameterise the function; Where is nil unless given.
type CallExpr struct {
	At    int
	Func  string
	Args  []Expr
	Where Expr
}

// Pos is the literal's place.
func (e *Literal) Pos() int { return e.At }

// Pos is the name's place.
func (e *Field) Pos() int { return e.At }

// Pos is the operator's place.
func (e *Unary) Pos() int { return e.At }

// Pos is the operator's place.
func (e *Binary) Pos() int { return e.At }

// Pos is the name's place.
func (e *Func) Pos() int { return e.At }

// Pos is the operator's place.
func (e *In) Pos() int { return e.At }

// Pos is the operator's place.
func (e *IsNull) Pos() int { return e.At }

// Fields appends the names of the columns that e reads to names, in order of
// appearance, each once.
func Fields(e Expr, names []string) []string {
	switch e := e.(type) {
	case *Field:
		for _, n := range names {
			if n == e.Name {
				return names
			}
		}
		return append(names, e.Name)
	case *Unary:
		return Fields(e.X, names)
	case *Binary:
		return Fields(e.R, Fields(e.L, names))
	case *Func:
		for _, a := range e.Args {
			names = Fields(a, names)
		}
	case *In:
		return Fields(e.X, names)
	case *IsNull:
		return Fields(e.X, names)
	}
	return names
}
