package expr

import "parallax/engine/flow/column"

// dictsMax is how many dictionaries a node remembers what it computed of.
const dictsMax = 64

// dictTable holds a value for each string of each dictionary seen lately: what
// is computed of a string column is computed once per distinct string.
type dictTable[T any] struct {
	entries []*dictEntry[T] // the latest first
}

type dictEntry[T any] struct {
	dict   *column.Dict
	values []T          // by code; never empty, as an empty dictionary has code 0 too
	filled int          // how many of the dictionary's strings are in values
	out    *column.Dict // of values that are codes themselves
}

// of returns the entry of a dictionary, grown to its length.
func (t *dictTable[T]) of(d *column.Dict, compute func(s string, e *dictEntry[T]) T) *dictEntry[T] {
	at := 0
	for at < len(t.entries) && t.entries[at].dict != d {
		at++
	}
	var e *dictEntry[T]
	switch {
	case at < len(t.entries):
		e = t.entries[at]
	case len(t.entries) < dictsMax:
		t.entries = append(t.entries, nil)
		e = &dictEntry[T]{dict: d, out: &column.Dict{}}
	default:
		at--
		e = &dictEntry[T]{dict: d, out: &column.Dict{}}
	}
	copy(t.entries[1:at+1], t.entries[:at])
	t.entries[0] = e
	if d != nil && e.filled < d.Len() {
		e.values = e.values[:e.filled]
		for ; e.filled < d.Len(); e.filled++ {
			e.values = append(e.values, compute(d.Value(uint32(e.filled)), e))
		}
	}
	if e.filled == 0 {
		e.values = resize(e.values, 1)
	}
	return e
}

// predicateNode is a test of strings.
type predicateNode struct {
	result
	x     node
	test  func(s string) bool
	table dictTable[bool]
}

func (x *predicateNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.bools(b.Rows)
	table := x.table.of(in.col.Dict, x.compute).values
	for i, code := range in.col.Codes[:b.Rows] {
		out[i] = table[code]
	}
	zero(out, x.out.Null)
	return v
}

func (x *predicateNode) compute(s string, _ *dictEntry[bool]) bool { return x.test(s) }

// pairNode is a test of two string columns.
type pairNode struct {
	result
	l, r node
	test func(s, t string) bool
}

func (x *pairNode) eval(b *column.Batch) vec {
	l, r := x.l.eval(b), x.r.eval(b)
	v := x.strict(l, r)
	out := x.bools(b.Rows)
	for i := range out {
		null := x.out.Null != nil && x.out.Null[i]
		out[i] = !null && x.test(l.col.Dict.Value(l.col.Codes[i]), r.col.Dict.Value(r.col.Codes[i]))
	}
	return v
}

// lengthNode is an integer made of a string.
type lengthNode struct {
	result
	x     node
	of    func(s string) int64
	table dictTable[int64]
}

func (x *lengthNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.ints(column.Int64, b.Rows)
	table := x.table.of(in.col.Dict, x.compute).values
	for i, code := range in.col.Codes[:b.Rows] {
		out[i] = table[code]
	}
	zero(out, x.out.Null)
	return v
}

func (x *lengthNode) compute(s string, _ *dictEntry[int64]) int64 { return x.of(s) }

// rewriteNode is a string made of a string. Its dictionaries go with those of
// the operand, as long as these are remembered.
type rewriteNode struct {
	result
	x     node
	of    func(s string) string
	table dictTable[uint32]
}

func (x *rewriteNode) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	e := x.table.of(in.col.Dict, x.compute)
	out := x.codes(e.out, b.Rows)
	for i, code := range in.col.Codes[:b.Rows] {
		out[i] = e.values[code]
	}
	return v
}

func (x *rewriteNode) compute(s string, e *dictEntry[uint32]) uint32 { return e.out.Intern(x.of(s)) }

// parsed is a number read from a string, if it is one.
type parsed[T any] struct {
	value T
	ok    bool
}

// parseNode reads numbers from strings.
type parseNode[T int64 | float64] struct {
	result
	x     node
	of    func(s string) (T, error)
	begin func(r *result, n int) []T
	site  uint16
	table dictTable[parsed[T]]
}

func (x *parseNode[T]) eval(b *column.Batch) vec {
	in := x.x.eval(b)
	v := x.follow(in)
	out := x.begin(&x.result, b.Rows)
	table := x.table.of(in.col.Dict, x.compute).values
	for i, code := range in.col.Codes[:b.Rows] {
		p := table[code]
		if out[i] = p.value; !p.ok {
			x.fail(&v, i, x.site)
		}
	}
	zero(out, x.out.Null)
	return v
}

func (x *parseNode[T]) compute(s string, _ *dictEntry[parsed[T]]) parsed[T] {
	value, err := x.of(s)
	return parsed[T]{value: value, ok: err == nil}
}

// unionMax is how many strings a dictionary made by a program holds before the
// next batch gets a fresh one.
const unionMax = 1 << 16

// union is a dictionary for strings of several others.
type union struct {
	out   *column.Dict
	table dictTable[uint32]
}

// begin makes ready for a batch.
func (u *union) begin() {
	if u.out == nil || u.out.Len() > unionMax {
		*u = union{out: &column.Dict{}}
	}
}

// codes maps the codes of another dictionary.
func (u *union) codes(d *column.Dict) []uint32 {
	return u.table.of(d, u.compute).values
}

func (u *union) compute(s string, _ *dictEntry[uint32]) uint32 { return u.out.Intern(s) }
