package expr

import "parallax/engine/flow/column"

// intArith is +, - or * of integers or timestamps.
type intArith struct {
	result
	op   Op
	l, r node
	kind column.Kind
	site uint16
}

func (x *intArith) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.ints(x.kind, b.Rows)
	if intLoop(x.op, out, l.col.Ints, r.col.Ints) {
		for i := range out {
			if _, ok := intOp(x.op, l.col.Ints[i], r.col.Ints[i]); !ok {
				x.fail(&v, i, x.site)
			}
		}
	}
	zero(out, x.out.Null)
	return v
}

// intLoop tells whether some row overflowed.
func intLoop(op Op, out, a, b []int64) bool {
	a, b = a[:len(out)], b[:len(out)]
	var over int64
	switch op {
	case "+":
		for i := range out {
			s := a[i] + b[i]
			over |= (a[i] ^ s) & (b[i] ^ s)
			out[i] = s
		}
	case "-":
		for i := range out {
			s := a[i] - b[i]
			over |= (a[i] ^ b[i]) & (a[i] ^ s)
			out[i] = s
		}
	case "*":
		for i := range out {
			p := a[i] * b[i]
			out[i] = p
			if uint64(a[i]+1<<31) >= 1<<32 || uint64(b[i]+1<<31) >= 1<<32 { // else the product fits
				if _, ok := intOp("*", a[i], b[i]); !ok {
					over = -1
				}
			}
		}
	}
	return over < 0
}

// intOp is one row of intLoop.
func intOp(op Op, a, b int64) (int64, bool) {
	switch op {
	case "+":
		s := a + b
		return s, (a^s)&(b^s) >= 0
	case "-":
		s := a - b
		return s, (a^b)&(a^s) >= 0
	}
	d, _ := mulInts(a, b).Int64()
	_, ok := mulInts(a, b).Int64()
	return d, ok
}

// remainderNode is the remainder of truncated division.
type remainderNode struct {
	result
	l, r node
	site uint16
}

func (x *remainderNode) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.ints(column.Int64, b.Rows)
	for i := range out {
		if r.col.Ints[i] == 0 {
			out[i] = 0
			x.fail(&v, i, x.site)
			continue
		}
		out[i] = l.col.Ints[i] % r.col.Ints[i]
	}
	zero(out, x.out.Null)
	return v
}

// floatArith is +, -, * or / of floats. Each result is stored before it is used
// again, so that nothing can be fused.
type floatArith struct {
	result
	op   Op
	l, r node
}

func (x *floatArith) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.floats(b.Rows)
	p, q := l.col.Floats[:len(out)], r.col.Floats[:len(out)]
	switch x.op {
	case "+":
		for i := range out {
			out[i] = p[i] + q[i]
		}
	case "-":
		for i := range out {
			out[i] = p[i] - q[i]
		}
	case "*":
		for i := range out {
			out[i] = float64(p[i] * q[i])
		}
	case "/":
		for i := range out {
			out[i] = p[i] / q[i]
		}
	}
	zero(out, x.out.Null)
	return v
}

// negFloat flips signs, also those of zeros and NaNs.
type negFloat struct {
	result
	x node
}

func (x *negFloat) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	out := x.floats(b.Rows)
	for i, f := range in.col.Floats[:b.Rows] {
		out[i] = -f
	}
	v := x.follow(in)
	zero(out, x.out.Null)
	return v
}
