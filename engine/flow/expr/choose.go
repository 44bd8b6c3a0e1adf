package expr

import "parallax/engine/flow/column"

// chooseNode takes each row from one of its operands: "if" by a condition,
// "coalesce" the first that is not null. What is not taken does not count, nor
// does its failure.
type chooseNode struct {
	result
	cond   node // nil: coalesce
	from   []node
	typ    column.Type
	dict   union
	vecs   []vec
	byDict [][]uint32 // for strings: what the operands' codes are in dict
	pick   []uint8
}

// chooseMax is how many operands a coalesce may have.
const chooseMax = 100

func (x *chooseNode) eval(b *column.Batch) vec {
	x.vecs = x.vecs[:0]
	flags, faults := false, false
	if x.cond != nil {
		faults = x.choose(b)
	}
	for _, n := range x.from {
		v := n.eval(b)
		x.vecs = append(x.vecs, v)
		flags = flags || v.col.Null != nil
		faults = faults || v.bad != nil
	}
	if x.cond == nil {
		x.first(b.Rows)
	}
	v := vec{col: &x.out}
	if x.out.Null = nil; flags {
		x.null = resize(x.null, b.Rows)
		for i, k := range x.pick {
			x.null[i] = x.vecs[k].col.IsNull(i)
		}
		x.out.Null = x.null
	}
	if faults {
		v.bad = x.faults(b.Rows)
	}
	x.gather(b.Rows)
	return v
}

// choose picks by the condition: where it is true the first operand, else the
// second. It leaves the condition's failures in bad and tells whether there may
// be any.
func (x *chooseNode) choose(b *column.Batch) bool {
	cond := x.cond.eval(b)
	x.pick = resize(x.pick, b.Rows)
	for i, is := range cond.col.Bools[:b.Rows] {
		x.pick[i] = 1
		if is && !cond.col.IsNull(i) {
			x.pick[i] = 0
		}
	}
	x.bad = resize(x.bad, b.Rows)
	if cond.bad == nil {
		clear(x.bad)
	} else {
		copy(x.bad, cond.bad)
	}
	return cond.bad != nil
}

// first picks the first operand that is not null, or that failed before one was
// found.
func (x *chooseNode) first(rows int) {
	x.pick = resize(x.pick, rows)
	x.bad = resize(x.bad, rows)
	clear(x.bad)
	for i := range x.pick {
		k := 0
		for k+1 < len(x.vecs) && x.vecs[k].col.IsNull(i) && (x.vecs[k].bad == nil || x.vecs[k].bad[i] == 0) {
			k++
		}
		x.pick[i] = uint8(k)
	}
}

// faults adds the failures of what was picked to those in bad.
func (x *chooseNode) faults(rows int) []uint16 {
	for i := range rows {
		if v := x.vecs[x.pick[i]]; x.bad[i] == 0 && v.bad != nil {
			x.bad[i] = v.bad[i]
		}
	}
	return x.bad
}

func (x *chooseNode) gather(rows int) {
	switch x.typ.Kind {
	case column.Bool:
		for i, out := 0, x.bools(rows); i < rows; i++ {
			out[i] = x.vecs[x.pick[i]].col.Bools[i]
		}
	case column.Int64, column.Timestamp:
		for i, out := 0, x.ints(x.typ.Kind, rows); i < rows; i++ {
			out[i] = x.vecs[x.pick[i]].col.Ints[i]
		}
	case column.Float64:
		for i, out := 0, x.floats(rows); i < rows; i++ {
			out[i] = x.vecs[x.pick[i]].col.Floats[i]
		}
	case column.Decimal128:
		for i, out := 0, x.decimals(x.typ, rows); i < rows; i++ {
			out[i] = x.vecs[x.pick[i]].col.Decimals[i]
		}
	case column.String:
		x.gatherStrings(rows)
	}
}

func (x *chooseNode) gatherStrings(rows int) {
	x.dict.begin()
	x.byDict = x.byDict[:0]
	for _, v := range x.vecs {
		x.byDict = append(x.byDict, x.dict.codes(v.col.Dict))
	}
	out := x.codes(x.dict.out, rows)
	for i := range out {
		k := x.pick[i]
		out[i] = x.byDict[k][x.vecs[k].col.Codes[i]]
	}
}
