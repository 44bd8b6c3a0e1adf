package expr

import "parallax/engine/flow/column"

// node is a compiled expression. It owns the memory of its result.
type node interface {
	// eval computes the node for every row of the batch. The result is valid
	// until the next call and may share memory with the batch.
	eval(b *column.Batch) vec
}

// vec is the value of a node for each row of a batch.
type vec struct {
	col *column.Column
	bad []uint16 // nil: no row failed; else the row's fault (see Program), 0 for none
}

// result is the memory of a node's result.
type result struct {
	out  column.Column
	null []bool
	bad  []uint16
}

// resize gives s length n, keeping its memory where that is enough. The elements
// have any value.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// follow begins a result that is null and failed where its operand is.
func (r *result) follow(in vec) vec {
	r.out.Null = in.col.Null
	return vec{col: &r.out, bad: in.bad}
}

// strict begins a result that is null where a or b is, and failed where a is or
// else b. It shares their flags where it can.
func (r *result) strict(a, b vec) vec {
	r.out.Null = a.col.Null
	if b.col.Null != nil {
		r.out.Null = b.col.Null
		if a.col.Null != nil {
			r.null = resize(r.null, len(a.col.Null))
			for i := range r.null {
				r.null[i] = a.col.Null[i] || b.col.Null[i]
			}
			r.out.Null = r.null
		}
	}
	bad := a.bad
	if b.bad != nil {
		bad = b.bad
		if a.bad != nil {
			r.bad = resize(r.bad, len(a.bad))
			for i := range r.bad {
				if r.bad[i] = a.bad[i]; r.bad[i] == 0 {
					r.bad[i] = b.bad[i]
				}
			}
			bad = r.bad
		}
	}
	return vec{col: &r.out, bad: bad}
}

// own returns flags of n rows that may be changed, beginning as bad.
func (r *result) own(bad []uint16, n int) []uint16 {
	if bad != nil && len(r.bad) > 0 && len(bad) > 0 && &bad[0] == &r.bad[0] {
		return bad
	}
	r.bad = resize(r.bad, n)
	if bad == nil {
		clear(r.bad)
	} else {
		copy(r.bad, bad)
	}
	return r.bad
}

// fail marks a row as failed unless it is null or failed before.
func (r *result) fail(v *vec, row int, site uint16) {
	if v.col.Null != nil && v.col.Null[row] {
		return
	}
	v.bad = r.own(v.bad, v.col.Len())
	if v.bad[row] == 0 {
		v.bad[row] = site
	}
}

// zero gives null rows the kind's zero.
func zero[T any](values []T, null []bool) {
	var none T
	for i, is := range null {
		if is {
			values[i] = none
		}
	}
}

func (r *result) bools(n int) []bool {
	r.out.Type = column.TypeOf(column.Bool)
	r.out.Bools = resize(r.out.Bools, n)
	return r.out.Bools
}

// ints begins an Int64 or Timestamp result.
func (r *result) ints(k column.Kind, n int) []int64 {
	r.out.Type = column.TypeOf(k)
	r.out.Ints = resize(r.out.Ints, n)
	return r.out.Ints
}

func (r *result) floats(n int) []float64 {
	r.out.Type = column.TypeOf(column.Float64)
	r.out.Floats = resize(r.out.Floats, n)
	return r.out.Floats
}

func (r *result) decimals(t column.Type, n int) []column.Decimal {
	r.out.Type = t
	r.out.Decimals = resize(r.out.Decimals, n)
	return r.out.Decimals
}

func (r *result) codes(d *column.Dict, n int) []uint32 {
	r.out.Type = column.TypeOf(column.String)
	r.out.Dict = d
	r.out.Codes = resize(r.out.Codes, n)
	return r.out.Codes
}

// fieldNode is a column of the batch.
type fieldNode struct{ at int }

func (x *fieldNode) eval(b *column.Batch) vec { return vec{col: &b.Columns[x.at]} }

// literalNode is a constant, written out for as many rows as were ever asked for.
type literalNode struct {
	result
	value column.Value
	rows  int
	view  column.Column
}

func newLiteral(v column.Value) *literalNode {
	return &literalNode{value: v, result: result{out: column.Column{Type: v.Type, Dict: &column.Dict{}}}}
}

func (x *literalNode) eval(b *column.Batch) vec {
	if x.rows < b.Rows || x.rows == 0 {
		x.rows = max(2*x.rows, b.Rows, 1)
		x.out.Reset(x.value.Type, x.out.Dict)
		for range x.rows {
			x.out.Append(x.value)
		}
	}
	n := b.Rows
	x.view = column.Column{Type: x.value.Type, Dict: x.out.Dict}
	if x.value.Null {
		x.view.Null = x.out.Null[:n]
	}
	switch x.value.Type.Kind {
	case column.Bool:
		x.view.Bools = x.out.Bools[:n]
	case column.Int64, column.Timestamp:
		x.view.Ints = x.out.Ints[:n]
	case column.Float64:
		x.view.Floats = x.out.Floats[:n]
	case column.Decimal128:
		x.view.Decimals = x.out.Decimals[:n]
	case column.String:
		x.view.Codes = x.out.Codes[:n]
	}
	return vec{col: &x.view}
}
