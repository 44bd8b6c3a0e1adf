package operator

import (
	"math"

	"parallax/engine/flow/column"
)

// Keyer numbers group keys, tuples of values, in the order of their first
// appearance: 0, 1, 2, … The numbers depend on the order of the rows alone, not
// on how they were cut into batches.
//
// Two keys are one if their values are: null equals null, floats compare as
// column.CompareFloats has it (every NaN is one value, -0 and +0 are two).
// Strings are compared by their bytes, everything else is exact in 64-bit words,
// so a collision of hashes costs time and nothing else. A key is never
// forgotten: what a Keyer holds grows with the number of distinct keys.
//
// For strings, numbers are cached by code for each partition's dictionary, so
// that a string is looked up once per segment. The cache is dropped when the
// partition's batches come with another dictionary: dictionaries are told apart
// by their pointers, and a segment's reader makes its own.
//
// A tuple of several columns is numbered by pairs: (first, second) gets a number,
// (that, third) the next, and so on. Without columns there is one key, 0.
type Keyer struct {
	columns []valuer
	pairs   []words // pairs[i] numbers (number so far, number of column i+1)
	scratch []uint32
	stale   bool // planted defect: the cache outlives its dictionary
}

// valuer numbers the values of one key column.
type valuer struct {
	typ    column.Type
	null   uint32 // the number of null, or absent
	words  words  // Bool, Int64, Timestamp, Float64; Decimal128: pairs of halves
	halves words  // Decimal128: its 64-bit halves
	texts  texts
	caches []cache // by partition
}

// cache translates the codes of a dictionary; absent means not met yet.
type cache struct {
	dict    *column.Dict
	numbers []uint32
	missing int // how many of them are absent
}

// NewKeyer numbers keys of the given columns, over so many partitions.
func NewKeyer(types []column.Type, partitions int) *Keyer {
	k := &Keyer{columns: make([]valuer, len(types)), pairs: make([]words, max(0, len(types)-1))}
	for i, t := range types {
		k.columns[i] = valuer{typ: t, null: absent, caches: make([]cache, partitions)}
		if t.Kind == column.String {
			k.columns[i].texts.dict = new(column.Dict)
		}
	}
	return k
}

// Len is the number of keys so far.
func (k *Keyer) Len() int {
	switch len(k.columns) {
	case 0:
		return 1
	case 1:
		return k.columns[0].len()
	}
	return len(k.pairs[len(k.pairs)-1].values)
}

// Number sets out[row] to the key of every row of the batch that takes part;
// cols are the key columns, out has b.Rows places. Other places are left or set
// to anything.
func (k *Keyer) Number(b *column.Batch, cols []*column.Column, out []uint32) {
	if len(k.columns) == 0 {
		clear(out)
		return
	}
	k.columns[0].number(b, cols[0], out, k.stale)
	for i := range k.pairs {
		k.scratch = resize(k.scratch, b.Rows)
		k.columns[i+1].number(b, cols[i+1], k.scratch, k.stale)
		pairs, right := &k.pairs[i], k.scratch
		if b.Select == nil {
			if b.Rows > 0 {
				pairs.numberPairs(out[:b.Rows], right)
			}
			continue
		}
		for _, row := range b.Select {
			out[row] = pairs.number(uint64(out[row])<<32 | uint64(right[row]))
		}
	}
}

// Value is a key's value in a column.
func (k *Keyer) Value(key uint32, col int) column.Value {
	return k.columns[col].value(k.part(key, col))
}

// AppendColumn appends the values of keys in a column to out, which must be empty
// and gets the column's type; a string column gets the Keyer's own dictionary.
func (k *Keyer) AppendColumn(keys []uint32, col int, out *column.Column) {
	v := &k.columns[col]
	out.Reset(v.typ, v.texts.dict)
	for _, key := range keys {
		n := k.part(key, col)
		if v.typ.Kind != column.String || n == v.null {
			out.Append(v.value(n))
			continue
		}
		out.Codes = append(out.Codes, n)
		if out.Null != nil {
			out.Null = append(out.Null, false)
		}
	}
}

// part is the number of a key's value in a column.
func (k *Keyer) part(key uint32, col int) uint32 {
	for i := len(k.pairs) - 1; i >= 0; i-- {
		pair := k.pairs[i].values[key]
		if i+1 == col {
			return uint32(pair)
		}
		key = uint32(pair >> 32)
	}
	return key
}

func (v *valuer) len() int {
	if v.typ.Kind == column.String {
		return v.texts.dict.Len()
	}
	return len(v.words.values)
}

// number numbers the values of the rows that take part.
func (v *valuer) number(b *column.Batch, c *column.Column, out []uint32, stale bool) {
	if v.typ.Kind == column.String {
		v.numberStrings(b, c, out, stale)
		return
	}
	if b.Select == nil {
		if v.typ.Kind == column.Int64 && c.Null == nil && b.Rows > 0 {
			v.words.numberInts(c.Ints[:b.Rows], out)
			return
		}
		for row := range b.Rows {
			out[row] = v.one(c, row)
		}
		return
	}
	for _, row := range b.Select {
		out[row] = v.one(c, int(row))
	}
}

// one numbers the value of one row of a column that is no string.
func (v *valuer) one(c *column.Column, row int) uint32 {
	if c.IsNull(row) {
		return v.nullNumber()
	}
	switch v.typ.Kind {
	case column.Bool:
		if c.Bools[row] {
			return v.words.number(1)
		}
		return v.words.number(0)
	case column.Float64:
		f := c.Floats[row]
		if f != f {
			f = math.NaN()
		}
		return v.words.number(math.Float64bits(f))
	case column.Decimal128:
		return v.decimalNumber(c.Decimals[row])
	}
	return v.words.number(uint64(c.Ints[row]))
}

func (v *valuer) decimalNumber(d column.Decimal) uint32 {
	hi, lo := v.halves.number(uint64(d.Hi)), v.halves.number(d.Lo)
	return v.words.number(uint64(hi)<<32 | uint64(lo))
}

// nullNumber numbers null, in a place that no value finds.
func (v *valuer) nullNumber() uint32 {
	if v.null == absent {
		if v.typ.Kind == column.String {
			v.null = v.texts.dict.Append("")
		} else {
			v.null = v.words.append(0)
		}
	}
	return v.null
}

// numberStrings numbers by the cache, and gives new numbers in the order of rows.
func (v *valuer) numberStrings(b *column.Batch, c *column.Column, out []uint32, stale bool) {
	k := v.cached(int(b.Partition), c.Dict, stale)
	if b.Select != nil || c.Null != nil {
		for i := range b.Selected() {
			row := i
			if b.Select != nil {
				row = int(b.Select[i])
			}
			switch {
			case c.IsNull(row):
				out[row] = v.nullNumber()
			case k.numbers[c.Codes[row]] == absent:
				out[row] = v.resolve(k, c, c.Codes[row])
			default:
				out[row] = k.numbers[c.Codes[row]]
			}
		}
		return
	}
	numbers, codes := k.numbers, c.Codes[:b.Rows]
	out = out[:len(codes)]
	if k.missing == 0 {
		for row, code := range codes {
			out[row] = numbers[code]
		}
		return
	}
	for row, code := range codes {
		n := numbers[code]
		if n == absent {
			n = v.resolve(k, c, code)
		}
		out[row] = n
	}
}

// cached is the partition's cache, long enough for all codes of the dictionary.
func (v *valuer) cached(partition int, dict *column.Dict, stale bool) *cache {
	k := &v.caches[partition]
	if k.dict != dict {
		k.dict = dict
		if !stale {
			k.numbers, k.missing = k.numbers[:0], 0
		}
	}
	n := 0
	if dict != nil {
		n = dict.Len()
	}
	k.missing += max(0, n-len(k.numbers))
	for len(k.numbers) < n {
		k.numbers = append(k.numbers, absent)
	}
	return k
}

func (v *valuer) resolve(k *cache, c *column.Column, code uint32) uint32 {
	n := v.texts.number(c.Dict.Value(code), c.Dict.Hash(code))
	k.numbers[code] = n
	k.missing--
	return n
}

// value is the value of a number.
func (v *valuer) value(n uint32) column.Value {
	out := column.Value{Type: v.typ}
	if n == v.null {
		out.Null = true
		return out
	}
	if v.typ.Kind == column.String {
		out.String = v.texts.dict.Value(n)
		return out
	}
	word := v.words.values[n]
	switch v.typ.Kind {
	case column.Bool:
		out.Bool = word != 0
	case column.Float64:
		out.Float = math.Float64frombits(word)
	case column.Decimal128:
		out.Decimal = column.Decimal{Hi: int64(v.halves.values[word>>32]), Lo: v.halves.values[uint32(word)]}
	default:
		out.Int = int64(word)
	}
	return out
}
