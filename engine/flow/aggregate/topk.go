package aggregate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"parallax/engine/flow/column"
)

// topk is the k items of the greatest weight, ties by item, ascending: topk(item,
// k) weighs by rows, topk(item, weight, k) by the sum of weight. It is exact, so it
// keeps every item with its exact weight. Sums of floats are compared after
// rounding, NaN first. One word, for the items outside.
//
// The result is a JSON array of [item, weight] pairs, greatest first; floats that
// JSON has no number for are strings; null without rows.
//
//	encoding  n uvarint, then for each item, ascending: the item as keys encode
//	          it, and its weight: integer; for floats 3 uvarints (NaN, +Inf and
//	          -Inf) and the finite sum as exact.encode writes it
type topk[T comparable] struct {
	cell
	keys   keys[T]
	item   column.Type
	weight column.Type // Kind 0: rows
	k      int
	tops   pool[weights[T]]
}

// weights is the items of one group and, by item, their weights: of whole numbers
// as three limbs of two's complement, of floats in the wide form.
type weights[T comparable] struct {
	set    set[T]
	whole  [][3]uint64
	floats []wideSum
}

// topkMax is the greatest k.
const topkMax = 10_000

func bindTopK(c Call) (*function, error) {
	if n := len(c.Args); n < 1 || n > 2 || n == 2 && !c.Args[1].Numeric() {
		return nil, ErrArguments
	}
	if len(c.Params) != 1 {
		return nil, ErrParameter
	}
	k := c.Params[0]
	if k.Null || k.Type.Kind != column.Int64 || k.Int < 1 || k.Int > topkMax {
		return nil, ErrParameter
	}
	item, weight := c.Args[0], column.Type{}
	if len(c.Args) == 2 {
		weight = c.Args[1]
	}
	f := &function{result: column.TypeOf(column.String), words: 1}
	switch item.Kind {
	case column.String:
		f.open = openTopK[string](textKeys{}, item, weight, int(k.Int))
	case column.Decimal128:
		f.open = openTopK[column.Decimal](decimalKeys{}, item, weight, int(k.Int))
	default:
		f.open = openTopK[uint64](wordKeys{item.Kind}, item, weight, int(k.Int))
	}
	return f, nil
}

func openTopK[T comparable](ks keys[T], item, weight column.Type, k int) func(c cell) store {
	return func(c cell) store {
		return &topk[T]{cell: c, keys: ks, item: item, weight: weight, k: k}
	}
}

func (s *topk[T]) add(c *chunk) {
	hashes, values := c.hashes(0), s.keys.load(c, 0)
	for i, g := range c.groups {
		m := s.tops.make(s.word(g))
		at := m.entry(values[i], hashes[i], s.weight.Kind == column.Float64)
		row := c.row(i)
		switch s.weight.Kind {
		case column.Float64:
			m.floats[at].add(c.args[1].Floats[row], 1)
		case column.Int64:
			addSigned(&m.whole[at], column.DecimalFromInt(c.args[1].Ints[row]))
		case column.Decimal128:
			addSigned(&m.whole[at], c.args[1].Decimals[row])
		default:
			addSigned(&m.whole[at], column.Decimal{Lo: 1})
		}
	}
}

// entry is the number of an item, added with weight 0 if it is new.
func (m *weights[T]) entry(k T, hash uint64, floats bool) int {
	at := m.set.insert(k, hash)
	switch {
	case at < len(m.whole) || at < len(m.floats):
	case floats:
		m.floats = append(m.floats, wideSum{})
	default:
		m.whole = append(m.whole, [3]uint64{})
	}
	return at
}

// addSigned adds a number of 128 bits to one of 192.
func addSigned(acc *[3]uint64, d column.Decimal) {
	addLimbs(acc[:], []uint64{d.Lo, uint64(d.Hi), uint64(d.Hi >> 63)})
}

func (s *topk[T]) merge(group uint32, src store, from uint32) {
	o := src.(*topk[T])
	other := o.tops.get(*o.word(from))
	if other == nil {
		return
	}
	mine := s.tops.make(s.word(group))
	for i, k := range other.set.items {
		at := mine.entry(k, other.set.hashes[i], s.weight.Kind == column.Float64)
		if s.weight.Kind == column.Float64 {
			mine.floats[at].merge(&other.floats[i])
		} else {
			addLimbs(mine.whole[at][:], other.whole[i][:])
		}
	}
}

// ascending is the numbers of the items in the order of the items.
func (s *topk[T]) ascending(m *weights[T]) []int {
	order := make([]int, len(m.set.items))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return s.keys.compare(m.set.items[i], m.set.items[j]) })
	return order
}

func (s *topk[T]) encode(group uint32, b []byte) []byte {
	m := s.tops.get(*s.word(group))
	if m == nil {
		return appendUint(b, 0)
	}
	b = appendUint(b, uint64(len(m.set.items)))
	for _, i := range s.ascending(m) {
		b = s.keys.encode(m.set.items[i], b)
		if s.weight.Kind != column.Float64 {
			b = appendInteger(b, m.whole[i][:]...)
			continue
		}
		for _, n := range m.floats[i].specials {
			b = appendUint(b, n)
		}
		b = m.floats[i].finite.encode(b)
	}
	return b
}

func (s *topk[T]) decode(group uint32, b []byte) (rest []byte, err error) {
	n, b, err := readUint(b)
	if err != nil || n == 0 {
		return b, err
	}
	if n > uint64(len(b)) {
		return nil, errShort
	}
	m := s.tops.make(s.word(group))
	for i := range int(n) {
		var k T
		if k, b, err = s.keys.decode(b); err != nil {
			return nil, err
		}
		if i > 0 && s.keys.compare(m.set.items[i-1], k) >= 0 {
			return nil, errOrder
		}
		m.entry(k, s.keys.hash(k), s.weight.Kind == column.Float64)
		if b, err = m.decodeWeight(i, s.weight.Kind, b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (m *weights[T]) decodeWeight(i int, kind column.Kind, b []byte) (rest []byte, err error) {
	if kind == column.Float64 {
		w := &m.floats[i]
		for j := range w.specials {
			if w.specials[j], b, err = readCount(b); err != nil {
				return nil, err
			}
		}
		return w.finite.decode(b, -1074, sumBitsMax)
	}
	w := &m.whole[i]
	if b, err = readInteger(b, &w[0], &w[1], &w[2]); err != nil {
		return nil, err
	}
	if kind == 0 && (w[2]|w[1] != 0 || w[0] == 0 || w[0] > math.MaxInt64) {
		return nil, fmt.Errorf("%w: bad number of rows", ErrEncoding)
	}
	return b, nil
}

func (s *topk[T]) finish(group uint32, v *column.Value) bool {
	m := s.tops.get(*s.word(group))
	if m == nil {
		return true
	}
	order := s.ascending(m)
	rounded := make([]float64, len(m.floats))
	for i := range rounded {
		rounded[i] = m.floats[i].round()
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if s.weight.Kind == column.Float64 {
			return column.CompareFloats(rounded[j], rounded[i])
		}
		return compareLimbs(m.whole[j], m.whole[i])
	})
	b := []byte{'['}
	for n, i := range order[:min(s.k, len(order))] {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(s.appendItem(append(b, '['), m.set.items[i]), ',')
		if s.weight.Kind == column.Float64 {
			b = appendJSONFloat(b, rounded[i])
		} else {
			b = appendScaled(b, m.whole[i], s.weight.Scale)
		}
		b = append(b, ']')
	}
	v.Null, v.String = false, string(append(b, ']'))
	return true
}

// compareLimbs orders two numbers of 192 bits.
func compareLimbs(a, b [3]uint64) int {
	if d := (column.Decimal{Hi: int64(a[2]), Lo: a[1]}).Compare(column.Decimal{Hi: int64(b[2]), Lo: b[1]}); d != 0 {
		return d
	}
	return column.Decimal{Lo: a[0]}.Compare(column.Decimal{Lo: b[0]})
}

// appendItem prints an item as JSON.
func (s *topk[T]) appendItem(b []byte, item T) []byte {
	switch k := any(item).(type) {
	case string:
		return appendJSONText(b, k)
	case column.Decimal:
		return append(b, k.Text(s.item.Scale)...)
	case uint64:
		v := column.Value{Type: s.item}
		if setOrdinal(&v, k); s.item.Kind == column.Float64 {
			return appendJSONFloat(b, v.Float)
		}
		return append(b, v.Text()...)
	}
	panic("aggregate: item of unknown type")
}

// appendScaled prints a whole number of 192 bits with scale digits behind the
// point.
func appendScaled(b []byte, w [3]uint64, scale uint8) []byte {
	d := column.Decimal{Hi: int64(w[1]), Lo: w[0]}
	if int64(w[2]) == d.Hi>>63 {
		return append(b, d.Text(scale)...)
	}
	n := bigOf(w[:]...)
	if n.Sign() < 0 {
		b = append(b, '-')
		n.Neg(n)
	}
	text := n.String() // beyond 2^127, so longer than any scale
	whole := len(text) - int(scale)
	b = append(b, text[:whole]...)
	if scale > 0 {
		b = append(append(b, '.'), text[whole:]...)
	}
	return b
}

func appendJSONFloat(b []byte, v float64) []byte {
	if v-v != 0 {
		return append(strconv.AppendFloat(append(b, '"'), v, 'g', -1, 64), '"')
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// appendJSONText quotes a string; bytes that are no UTF-8 become U+FFFD.
func appendJSONText(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', '0'+byte(r>>4), "0123456789abcdef"[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

func (s *topk[T]) release(group uint32) { s.tops.drop(s.word(group)) }
