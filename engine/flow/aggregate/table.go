package aggregate

import (
	"fmt"

	"parallax/engine/flow/column"
)

// Input is what tables read from one batch. Columns are indexed by the row of the
// batch. An Input is best kept and filled anew for every batch: it owns the memory
// in which values are brought together, so tables need none of their own.
type Input struct {
	Args  [][]*column.Column // [function][argument]
	Where [][]bool           // nil, or [function]: nil, or for every row whether it counts
	Batch *column.Batch      // Times, Partition and Offset; used by first and last only

	scratch *scratch
}

// Table is the accumulators of several functions, side by side, for groups
// numbered from 0. The fixed part of a group is stride words in a row, so that a
// row of input that meets a group for the first time pays one cache miss, not one
// for each function; zero words are empty accumulators. What does not fit a word
// (sets, sketches, strings) lies with its store.
//
// A Table is used by one caller at a time.
type Table struct {
	fns    []Function
	stores []store
	pairs  []*pair // by function: the pair that it opens, or nil
	owners []owner // the stores that keep something outside the words
	words  []uint64
	stride int
	groups int
}

// store is the accumulators of one function of a table.
type store interface {
	// add takes the rows of a chunk in; none of them is null or filtered out.
	add(c *chunk)
	// merge adds the accumulator of a group of a store of the same type.
	merge(group uint32, src store, from uint32)
	// encode appends the canonical encoding.
	encode(group uint32, b []byte) []byte
	// decode reads an encoding into an empty accumulator, and refuses one that
	// encode would not have written.
	decode(group uint32, b []byte) (rest []byte, err error)
	// finish sets v, which is a null of the result's type (its other fields are
	// anything), and reports whether the result fits that type; if it does not, v
	// stays null.
	finish(group uint32, v *column.Value) bool
}

// owner is a store that keeps something outside the words of a group.
type owner interface {
	// release forgets it; the words are zeroed afterwards.
	release(group uint32)
}

// retracter is a store whose accumulators form a group, not only a monoid.
type retracter interface {
	retract(group uint32, src store, from uint32)
}

// filler is a store that finishes many groups faster than one by one.
type filler interface {
	// fill appends the results of groups and returns how many did not fit.
	fill(groups []uint32, out *column.Column) (overflows int)
}

// NewTable returns a table without groups.
func NewTable(fns []Function) *Table {
	t := &Table{fns: fns, stores: make([]store, len(fns))}
	for i, f := range fns {
		fn := f.bound()
		t.stores[i] = fn.open(cell{table: t, at: t.stride})
		t.stride += fn.words
		if o, ok := t.stores[i].(owner); ok {
			t.owners = append(t.owners, o)
		}
	}
	t.pairs = pairUp(fns, t.stores)
	return t
}

// Groups is the number of groups.
func (t *Table) Groups() int { return t.groups }

// Grow makes room for at least so many groups; new ones are empty.
func (t *Table) Grow(groups int) {
	if groups <= t.groups {
		return
	}
	t.groups = groups
	need := groups * t.stride
	if need > cap(t.words) {
		grown := make([]uint64, need, max(need, 2*cap(t.words)))
		copy(grown, t.words)
		t.words = grown
	}
	t.words = t.words[:need] // the words behind the length are always zero
}

// Reset forgets all groups and keeps the memory.
func (t *Table) Reset() {
	if len(t.owners) > 0 {
		for g := range t.groups {
			for _, o := range t.owners {
				o.release(uint32(g))
			}
		}
	}
	clear(t.words)
	t.words, t.groups = t.words[:0], 0
}

// AddRange adds rows [from, to) of the batch; groups[i] is the group of row
// from+i.
func (t *Table) AddRange(in *Input, groups []uint32, from, to int) {
	groups = groups[:to-from]
	for len(groups) > 0 {
		n := min(chunkRows, len(groups))
		t.addChunk(in, groups[:n], nil, from)
		groups = groups[n:]
		from += n
	}
}

// AddRows adds the listed rows; groups[i] is the group of row rows[i].
func (t *Table) AddRows(in *Input, groups []uint32, rows []int32) {
	groups = groups[:len(rows)]
	for len(groups) > 0 {
		n := min(chunkRows, len(groups))
		t.addChunk(in, groups[:n], rows[:n], 0)
		groups, rows = groups[n:], rows[n:]
	}
}

func (t *Table) addChunk(in *Input, groups []uint32, rows []int32, from int) {
	if in.scratch == nil {
		in.scratch = new(scratch)
	}
	c := &in.scratch.chunk
	c.batch, c.scratch, c.single = in.Batch, in.scratch, single(groups)
	if len(t.words) > nearWords && !c.single {
		in.scratch.sink = t.touch(groups)
	}
	for f := 0; f < len(t.stores); f++ {
		if p := t.pairs[f]; p != nil && !c.single && p.plain(in, f) {
			c.args, c.groups, c.rows, c.from = in.Args[f+1], groups, rows, from
			p.add(c)
			f++ // the second of the pair
			continue
		}
		s := t.stores[f]
		c.args, c.groups, c.rows, c.from = in.Args[f], groups, rows, from
		var where []bool
		if in.Where != nil {
			where = in.Where[f]
		}
		if c.drop(where); len(c.groups) > 0 {
			s.add(c)
		}
	}
}

// nearWords is how many words certainly stay in a near cache (256 KiB).
const nearWords = 1 << 15

// touch reads a word of every group. The loop is so short that the processor
// overlaps the cache misses of many rows, which it cannot in the long loops of some
// functions; those then find the groups near.
func (t *Table) touch(groups []uint32) (sink uint64) {
	words, stride := t.words, t.stride
	for _, g := range groups {
		sink ^= words[int(g)*stride]
	}
	return sink
}

// single tells whether all rows are of one group, as in a pipeline without keys.
func single(groups []uint32) bool {
	for _, g := range groups {
		if g != groups[0] {
			return false
		}
	}
	return true
}

// Merge adds the accumulators of a group of src, a table of the same functions
// (it may be t itself), to those of group. Merging is associative and
// commutative, and merging an empty group changes nothing.
func (t *Table) Merge(group uint32, src *Table, from uint32) {
	for i, s := range t.stores {
		s.merge(group, src.stores[i], from)
	}
}

// Retract is the inverse of Merge. All functions must be able to retract, and
// what is retracted must have been merged or added before.
func (t *Table) Retract(group uint32, src *Table, from uint32) {
	for i, s := range t.stores {
		r, ok := s.(retracter)
		if !ok {
			panic(fmt.Sprintf("aggregate: %s cannot retract", t.fns[i]))
		}
		r.retract(group, src.stores[i], from)
	}
}

// Clear empties the accumulators of a group.
func (t *Table) Clear(group uint32) {
	for _, o := range t.owners {
		o.release(group)
	}
	i := int(group) * t.stride
	clear(t.words[i : i+t.stride])
}

// AppendTo appends the canonical encoding of a group's accumulators: equal
// multisets of rows give equal bytes, in whatever order, batches and merges they
// came.
func (t *Table) AppendTo(group uint32, b []byte) []byte {
	return t.AppendFirst(len(t.stores), group, b)
}

// AppendFirst is what AppendTo of a table of the first n functions alone would
// append: an operator's table may hold more than its job asked for.
func (t *Table) AppendFirst(n int, group uint32, b []byte) []byte {
	b = append(b, formatVersion)
	for _, s := range t.stores[:n] {
		b = s.encode(group, b)
	}
	return b
}

// Load replaces a group's accumulators by an encoding and returns what follows
// it. Bytes that AppendTo cannot have written are ErrEncoding; the group is
// empty then.
func (t *Table) Load(group uint32, b []byte) (rest []byte, err error) {
	t.Clear(group)
	if len(b) == 0 || b[0] != formatVersion {
		return nil, fmt.Errorf("%w: version byte is not %d", ErrEncoding, formatVersion)
	}
	b = b[1:]
	for i, s := range t.stores {
		if b, err = s.decode(group, b); err != nil {
			t.Clear(group)
			return nil, fmt.Errorf("%s: %w", t.fns[i], err)
		}
	}
	return b, nil
}

// Finish is the result of a function for a group. A result that its type cannot
// hold is null, and Overflows tells it from other nulls.
func (t *Table) Finish(group uint32, fn int) column.Value {
	v := column.Value{Type: t.fns[fn].Result(), Null: true}
	t.stores[fn].finish(group, &v)
	return v
}

// Overflows tells whether the result of a function for a group does not fit its
// type: a sum of int64 beyond 64 bits, a sum of decimals beyond 38 digits.
func (t *Table) Overflows(group uint32, fn int) bool {
	v := column.Value{Type: t.fns[fn].Result(), Null: true}
	return !t.stores[fn].finish(group, &v)
}

// FinishColumn appends the results of a function for groups to out, a column of
// the function's result type (with a dictionary, if that is String), and returns
// how many results did not fit and so are null.
func (t *Table) FinishColumn(groups []uint32, fn int, out *column.Column) (overflows int) {
	if f, ok := t.stores[fn].(filler); ok && out.Null == nil {
		return f.fill(groups, out)
	}
	store, null := t.stores[fn], column.Value{Type: t.fns[fn].Result(), Null: true}
	v := null
	for _, g := range groups {
		if !store.finish(g, &v) {
			overflows++
		}
		if v.Null {
			out.Append(null)
			continue
		}
		appendValue(out, &v)
		v.Null = true
	}
	return overflows
}

// appendValue is out.Append of a value that is not null, without copying it for
// the types that take one word.
func appendValue(out *column.Column, v *column.Value) {
	switch out.Type.Kind {
	case column.Int64, column.Timestamp:
		out.Ints = append(out.Ints, v.Int)
	case column.Float64:
		out.Floats = append(out.Floats, v.Float)
	default:
		out.Append(*v)
		return
	}
	if out.Null != nil {
		out.Null = append(out.Null, false)
	}
}
