package expr

import (
	"slices"

	"parallax/engine/flow/column"
)

// in means what a chain of "X = constant or …" means. A constant that X's type
// cannot hold equals nothing and is left out; float64 constants meet a whole
// number or decimal as floats.
func (c *compiler) in(e *In) (operand, *Error) {
	x, err := c.compile(e.X)
	if err != nil {
		return x, err
	}
	if x.null() {
		return x, errorAt(e.At, "null in a list is never true")
	}
	var floats []*Literal
	var list []column.Value
	unknown := false
	for _, l := range e.List {
		lo := operand{node: newLiteral(l.Value), typ: l.Value.Type, expr: l}
		timed := x.typ.Kind == column.Timestamp && lo.typ.Kind == column.Int64
		if _, ok := common(x, lo); !ok && !timed && !l.Value.Null {
			return x, mismatch(l, "=", x, lo)
		}
		switch v, ok := listValue(l, x.typ); {
		case l.Value.Null:
			unknown = true
		case l.Value.Type.Kind == column.Float64 && x.typ.Kind != column.Float64:
			floats = append(floats, l)
		case ok:
			list = append(list, v)
		}
	}
	out := operand{typ: column.TypeOf(column.Bool)}
	out.node = newInNode(x.node, list, unknown, x.typ.Kind)
	if len(floats) > 0 {
		more, err := c.in(&In{At: e.At, X: &Func{At: e.At, Name: "float", Args: []Expr{e.X}}, List: floats})
		if err != nil {
			return more, err
		}
		out.node = &logicNode{l: out.node, r: more.node, decides: true}
	}
	if e.Not {
		out.node = &notNode{x: out.node}
	}
	return out, nil
}

// listValue is a constant of a list as a value of type t; ok is false if no
// value of t equals it.
func listValue(l *Literal, t column.Type) (v column.Value, ok bool) {
	v = l.Value
	switch {
	case v.Null:
		return v, false
	case t.Kind == column.Timestamp || t == v.Type:
		v.Type = t
		return v, true
	case v.Type.Kind == column.Float64:
		return v, false
	case t.Kind == column.Int64 || t.Kind == column.Decimal128:
		d, scale := v.Decimal, v.Type.Scale
		if v.Type.Kind == column.Int64 {
			d = column.DecimalFromInt(v.Int)
		}
		if scale > t.Scale {
			whole, some, _ := cut(d, scale-t.Scale)
			d, ok = whole, !some
		} else {
			d, ok = rescale(d, t.Scale-scale)
		}
		v = column.Value{Type: t, Decimal: d}
		if t.Kind == column.Int64 && ok {
			v.Int, ok = d.Int64()
		}
		return v, ok
	}
	v, err := coerceValue(v, t, l)
	return v, err == nil
}

// inNode looks rows up in a list of constants of one type.
type inNode struct {
	result
	x            node
	kind         column.Kind
	unknown      bool // the list also has a null: what is not found is null
	listInts     []int64
	listFloats   []float64
	listDecimals []column.Decimal
	listBools    []bool
	listStrings  []string
	table        dictTable[bool]
}

func newInNode(x node, list []column.Value, unknown bool, kind column.Kind) *inNode {
	n := &inNode{x: x, kind: kind, unknown: unknown}
	for _, v := range list {
		switch kind {
		case column.Bool:
			n.listBools = append(n.listBools, v.Bool)
		case column.Int64, column.Timestamp:
			n.listInts = append(n.listInts, v.Int)
		case column.Float64:
			n.listFloats = append(n.listFloats, v.Float)
		case column.Decimal128:
			n.listDecimals = append(n.listDecimals, v.Decimal)
		case column.String:
			n.listStrings = append(n.listStrings, v.String)
		}
	}
	slices.Sort(n.listInts)
	return n
}

func (x *inNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.bools(b.Rows)
	switch x.kind {
	case column.Bool:
		find(out, in.col.Bools, x.listBools)
	case column.Int64, column.Timestamp:
		for i, n := range in.col.Ints[:len(out)] {
			_, out[i] = slices.BinarySearch(x.listInts, n)
		}
	case column.Float64:
		find(out, in.col.Floats, x.listFloats)
	case column.Decimal128:
		find(out, in.col.Decimals, x.listDecimals)
	case column.String:
		table := x.table.of(in.col.Dict, x.compute).values
		for i, code := range in.col.Codes[:len(out)] {
			out[i] = table[code]
		}
	}
	if x.unknown {
		x.null = resize(x.null, b.Rows)
		for i := range out {
			x.null[i] = in.col.IsNull(i) || !out[i]
		}
		x.out.Null = x.null
	}
	zero(out, x.out.Null)
	return v
}

func (x *inNode) compute(s string, _ *dictEntry[bool]) bool { return slices.Contains(x.listStrings, s) }

func find[T comparable](out []bool, values, list []T) {
	for i, v := range values[:len(out)] {
		out[i] = slices.Contains(list, v)
	}
}
