package expr

import "parallax/engine/flow/column"

// logicNode is "and" or "or" of three values: false decides "and", true decides
// "or"; null stands for either. The right operand does not count, nor does its
// failure, where the left decides.
type logicNode struct {
	result
	l, r    node
	decides bool
}

func (x *logicNode) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	out := x.bools(b.Rows)
	p, q := l.col.Bools[:len(out)], r.col.Bools[:len(out)]
	if l.col.Null == nil && r.col.Null == nil && l.bad == nil && r.bad == nil {
		x.out.Null = nil
		if x.decides {
			for i := range out {
				out[i] = p[i] || q[i]
			}
		} else {
			for i := range out {
				out[i] = p[i] && q[i]
			}
		}
		return vec{col: &x.out}
	}
	x.null = resize(x.null, b.Rows)
	x.out.Null = x.null
	v := vec{col: &x.out}
	if l.bad != nil || r.bad != nil {
		x.bad = resize(x.bad, b.Rows)
		v.bad = x.bad
	}
	for i := range out {
		leftNull := l.col.IsNull(i)
		left := !leftNull && p[i] == x.decides
		rightNull := r.col.IsNull(i)
		right := !rightNull && q[i] == x.decides
		decided := left || right
		x.null[i] = !decided && (leftNull || rightNull)
		out[i] = decided == x.decides && !x.null[i]
		if v.bad != nil {
			x.bad[i] = logicFault(l.bad, r.bad, i, left)
		}
	}
	return v
}

// logicFault is the fault of a row: the left one, or the right one unless the
// left operand decided.
func logicFault(l, r []uint16, row int, left bool) uint16 {
	switch {
	case l != nil && l[row] != 0:
		return l[row]
	case r != nil && !left:
		return r[row]
	}
	return 0
}

// notNode is "not"; the not of null is null.
type notNode struct {
	result
	x node
}

func (x *notNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.bools(b.Rows)
	for i, is := range in.col.Bools[:b.Rows] {
		out[i] = !is
	}
	zero(out, x.out.Null)
	return v
}

// isNullNode is "is null", or with not "is not null".
type isNullNode struct {
	result
	x   node
	not bool
}

func (x *isNullNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	out := x.bools(b.Rows)
	for i := range out {
		out[i] = in.col.IsNull(i) != x.not
	}
	return vec{col: &x.out, bad: in.bad}
}
