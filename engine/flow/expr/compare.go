package expr

import (
	"strings"

	"parallax/engine/flow/column"
)

// compare gives comparisons their nodes. Numbers compare by value, exactly
// unless one is a float64; timestamps with each other and with int64
// microseconds; strings by bytes; false before true.
func (c *compiler) compare(e *Binary, l, r operand) (operand, *Error) {
	out := operand{typ: column.TypeOf(column.Bool)}
	if l.null() || r.null() {
		err := errorAt(e.At, "a comparison with null is never true")
		x := l
		if l.null() {
			x = r
		}
		if err.Nearest = x.expr.String() + " is null"; e.Op == "!=" {
			err.Nearest = x.expr.String() + " is not null"
		}
		return out, err
	}
	_, constant := l.constant()
	_, both := r.constant()
	op := e.Op
	if constant && !both {
		l, r, op = r, l, flip[op]
	}
	isTime := func(o operand) bool { return o.typ.Kind == column.Timestamp || o.typ.Kind == column.Int64 }
	t, ok := common(l, r)
	switch {
	case isTime(l) && isTime(r):
		out.node = compareNodes(op, l, r, intsOf)
		return out, nil
	case !ok:
		return out, mismatch(e, e.Op, l, r)
	}
	switch t.Kind {
	case column.Float64:
		var err *Error
		if l, err = c.coerce(l, t, e); err != nil {
			return out, err
		}
		if r, err = c.coerce(r, t, e); err != nil {
			return out, err
		}
		out.node = compareNodes(op, l, r, floatsOf)
	case column.Decimal128:
		out.node = c.compareDecimals(op, l, r, e)
	case column.String:
		out.node = compareStrings(op, l, r)
	case column.Bool:
		out.node = &boolCompare{is: truthOf(op), l: l.node, r: r.node}
	}
	return out, nil
}

// flip turns a comparison around.
var flip = map[Op]Op{"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// truth says of which orders (-1, 0, 1; at order+1) a comparison is true.
type truth [3]bool

func truthOf(op Op) truth {
	switch op {
	case "=":
		return truth{1: true}
	case "!=":
		return truth{0: true, 2: true}
	case "<":
		return truth{0: true}
	case "<=":
		return truth{0: true, 1: true}
	case ">":
		return truth{2: true}
	}
	return truth{1: true, 2: true}
}

func intsOf(c *column.Column) []int64     { return c.Ints }
func floatsOf(c *column.Column) []float64 { return c.Floats }

// compareNodes compares numbers of machine types, with IEEE meaning for floats:
// NaN is unequal to everything.
func compareNodes[T int64 | float64](op Op, l, r operand, of func(*column.Column) []T) node {
	if v, ok := r.constant(); ok {
		one := newLiteral(v).eval(&column.Batch{Rows: 1})
		return &compareConst[T]{op: op, x: l.node, k: of(one.col)[0], of: of}
	}
	return &compareNode[T]{op: op, l: l.node, r: r.node, of: of}
}

type compareNode[T int64 | float64] struct {
	result
	op   Op
	l, r node
	of   func(*column.Column) []T
}

func (x *compareNode[T]) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.bools(b.Rows)
	p, q := x.of(l.col)[:len(out)], x.of(r.col)[:len(out)]
	switch x.op {
	case "=":
		for i := range out {
			out[i] = p[i] == q[i]
		}
	case "!=":
		for i := range out {
			out[i] = p[i] != q[i]
		}
	case "<":
		for i := range out {
			out[i] = p[i] < q[i]
		}
	case "<=":
		for i := range out {
			out[i] = p[i] <= q[i]
		}
	case ">":
		for i := range out {
			out[i] = p[i] > q[i]
		}
	case ">=":
		for i := range out {
			out[i] = p[i] >= q[i]
		}
	}
	zero(out, x.out.Null)
	return v
}

type compareConst[T int64 | float64] struct {
	result
	op Op
	x  node
	k  T
	of func(*column.Column) []T
}

func (x *compareConst[T]) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.bools(b.Rows)
	p, k := x.of(in.col)[:len(out)], x.k
	switch x.op {
	case "=":
		for i := range out {
			out[i] = p[i] == k
		}
	case "!=":
		for i := range out {
			out[i] = p[i] != k
		}
	case "<":
		for i := range out {
			out[i] = p[i] < k
		}
	case "<=":
		for i := range out {
			out[i] = p[i] <= k
		}
	case ">":
		for i := range out {
			out[i] = p[i] > k
		}
	case ">=":
		for i := range out {
			out[i] = p[i] >= k
		}
	}
	zero(out, x.out.Null)
	return v
}

// compareDecimals compares decimals of any two scales. A constant is brought to
// the other's scale if it can be.
func (c *compiler) compareDecimals(op Op, l, r operand, e Expr) node {
	for _, o := range []*operand{&l, &r} {
		if o.typ.Kind == column.Int64 {
			*o, _ = c.coerce(*o, decimalType(0), e) // never overflows
		}
	}
	if v, ok := r.constant(); ok && r.typ.Scale < l.typ.Scale {
		if d, fit := rescale(v.Decimal, l.typ.Scale-r.typ.Scale); fit {
			r.typ = decimalType(l.typ.Scale)
			r.node = newLiteral(column.Value{Type: r.typ, Decimal: d})
		}
	}
	return &decimalCompare{is: truthOf(op), l: l.node, r: r.node, more: int(l.typ.Scale) - int(r.typ.Scale)}
}

type decimalCompare struct {
	result
	is   truth
	l, r node
	more int // digits behind the point that l has more than r
}

func (x *decimalCompare) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.bools(b.Rows)
	p, q := l.col.Decimals[:len(out)], r.col.Decimals[:len(out)]
	if x.more == 0 {
		for i := range out {
			out[i] = x.is[p[i].Compare(q[i])+1]
		}
	} else {
		for i := range out {
			out[i] = x.is[orderDecimals(p[i], q[i], x.more)+1]
		}
	}
	zero(out, x.out.Null)
	return v
}

// orderDecimals compares p with q, p having more digits behind the point (fewer
// if negative).
func orderDecimals(p, q column.Decimal, more int) int {
	if more < 0 {
		return -orderDecimals(q, p, -more)
	}
	wide, ok := rescale(q, uint8(more))
	switch {
	case ok:
		return p.Compare(wide)
	case q.Negative(): // q is beyond all decimals
		return 1
	}
	return -1
}

type boolCompare struct {
	result
	is   truth
	l, r node
}

func (x *boolCompare) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.bools(b.Rows)
	for i := range out {
		at := 1
		switch p, q := l.col.Bools[i], r.col.Bools[i]; {
		case p && !q:
			at = 2
		case q && !p:
			at = 0
		}
		out[i] = x.is[at]
	}
	zero(out, x.out.Null)
	return v
}

// compareStrings compares a column with a constant once for each value of its
// dictionary, and anything else row by row.
func compareStrings(op Op, l, r operand) node {
	if v, ok := r.constant(); ok {
		s, is := v.String, truthOf(op)
		return &predicateNode{x: l.node, test: func(t string) bool { return is[strings.Compare(t, s)+1] }}
	}
	return &stringCompare{is: truthOf(op), l: l.node, r: r.node}
}

type stringCompare struct {
	result
	is   truth
	l, r node
}

func (x *stringCompare) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.bools(b.Rows)
	for i := range out {
		if x.out.Null != nil && x.out.Null[i] {
			out[i] = false
			continue
		}
		p, q := l.col.Codes[i], r.col.Codes[i]
		if l.col.Dict == r.col.Dict && p == q {
			out[i] = x.is[1]
			continue
		}
		out[i] = x.is[strings.Compare(l.col.Dict.Value(p), r.col.Dict.Value(q))+1]
	}
	return v
}
