package aggregate

import (
	"fmt"
	"slices"

	"parallax/engine/flow/column"
)

// distinct is the exact number of different values, in the order's sense: -0 and
// +0 differ, all NaN are one. It keeps every value. One word, for a set outside.
//
//	encoding  n uvarint, then the values, ascending, as keys encode them
type distinct[T comparable] struct {
	cell
	keys   keys[T]
	sets   pool[set[T]]
	sorted []T
}

func bindDistinct(c Call) (*function, error) {
	t, err := oneArgument(c)
	if err != nil {
		return nil, err
	}
	f := &function{result: column.TypeOf(column.Int64), words: 1}
	switch t.Kind {
	case column.String:
		f.open = func(c cell) store { return &distinct[string]{cell: c, keys: textKeys{}} }
	case column.Decimal128:
		f.open = func(c cell) store { return &distinct[column.Decimal]{cell: c, keys: decimalKeys{}} }
	default:
		f.open = func(c cell) store { return &distinct[uint64]{cell: c, keys: wordKeys{t.Kind}} }
	}
	return f, nil
}

func (s *distinct[T]) add(c *chunk) {
	hashes, values := c.hashes(0), s.keys.load(c, 0)
	for i, g := range c.groups {
		s.sets.make(s.word(g)).insert(values[i], hashes[i])
	}
}

func (s *distinct[T]) merge(group uint32, src store, from uint32) {
	o := src.(*distinct[T])
	other := o.sets.get(*o.word(from))
	if other == nil {
		return
	}
	mine := s.sets.make(s.word(group))
	for i, k := range other.items {
		mine.insert(k, other.hashes[i])
	}
}

func (s *distinct[T]) encode(group uint32, b []byte) []byte {
	m := s.sets.get(*s.word(group))
	if m == nil {
		return appendUint(b, 0)
	}
	s.sorted = append(s.sorted[:0], m.items...)
	slices.SortFunc(s.sorted, s.keys.compare)
	b = appendUint(b, uint64(len(s.sorted)))
	for _, k := range s.sorted {
		b = s.keys.encode(k, b)
	}
	return b
}

func (s *distinct[T]) decode(group uint32, b []byte) (rest []byte, err error) {
	n, b, err := readUint(b)
	if err != nil || n == 0 {
		return b, err
	}
	if n > uint64(len(b)) { // every key takes a byte at least
		return nil, errShort
	}
	m := s.sets.make(s.word(group))
	for i := range int(n) {
		var k T
		if k, b, err = s.keys.decode(b); err != nil {
			return nil, err
		}
		if i > 0 && s.keys.compare(m.items[i-1], k) >= 0 {
			return nil, errOrder
		}
		m.insert(k, s.keys.hash(k))
	}
	return b, nil
}

var (
	errShort = fmt.Errorf("%w: cut short", ErrEncoding)
	errOrder = fmt.Errorf("%w: values do not ascend", ErrEncoding)
)

func (s *distinct[T]) finish(group uint32, v *column.Value) bool {
	v.Null, v.Int = false, 0
	if m := s.sets.get(*s.word(group)); m != nil {
		v.Int = int64(len(m.items))
	}
	return true
}

func (s *distinct[T]) release(group uint32) { s.sets.drop(s.word(group)) }
