package aggregate

import (
	"cmp"
	"strings"

	"parallax/engine/flow/column"
)

// slot keeps single values of one type in words: an ordinal, the two limbs of a
// decimal (high first, its sign bit flipped, so that words compare as values do),
// or the number of a string kept outside.
//
//	encoding  ordinal; two ordinals for a decimal; string
type slot struct {
	kind  column.Kind
	texts pool[string]
}

// slotWords is how many words a value of the kind takes.
func slotWords(k column.Kind) int {
	if k == column.Decimal128 {
		return 2
	}
	return 1
}

// take puts row i of a chunk's first argument into p.
func (s *slot) take(p []uint64, c *chunk, i int) {
	a, row := c.args[0], c.row(i)
	switch s.kind {
	case column.Bool:
		p[0] = ordinalBool(a.Bools[row])
	case column.Float64:
		p[0] = ordinalFloat(a.Floats[row])
	case column.Decimal128:
		p[0], p[1] = uint64(a.Decimals[row].Hi)^signBit, a.Decimals[row].Lo
	case column.String:
		// The dictionary belongs to a segment; the state outlives it.
		*s.texts.make(&p[0]) = strings.Clone(a.Dict.Value(a.Codes[row]))
	default:
		p[0] = uint64(a.Ints[row]) ^ signBit
	}
}

// compareRow orders row i of a chunk's first argument and the value in p.
func (s *slot) compareRow(c *chunk, i int, p []uint64) int {
	a, row := c.args[0], c.row(i)
	switch s.kind {
	case column.Bool:
		return cmp.Compare(ordinalBool(a.Bools[row]), p[0])
	case column.Float64:
		return cmp.Compare(ordinalFloat(a.Floats[row]), p[0])
	case column.Decimal128:
		return a.Decimals[row].Compare(decimalOf(p))
	case column.String:
		return strings.Compare(a.Dict.Value(a.Codes[row]), *s.texts.get(p[0]))
	}
	return cmp.Compare(uint64(a.Ints[row])^signBit, p[0])
}

func decimalOf(p []uint64) column.Decimal {
	return column.Decimal{Hi: int64(p[0] ^ signBit), Lo: p[1]}
}

// copy puts the value in q, of slot o, into p.
func (s *slot) copy(p []uint64, o *slot, q []uint64) {
	if s.kind == column.String {
		*s.texts.make(&p[0]) = *o.texts.get(q[0])
		return
	}
	copy(p, q)
}

// compare orders the value in p and the one in q, of slot o.
func (s *slot) compare(p []uint64, o *slot, q []uint64) int {
	if s.kind == column.String {
		return strings.Compare(*s.texts.get(p[0]), *o.texts.get(q[0]))
	}
	if c := cmp.Compare(p[0], q[0]); c != 0 || s.kind != column.Decimal128 {
		return c
	}
	return cmp.Compare(p[1], q[1])
}

func (s *slot) encode(p []uint64, b []byte) []byte {
	switch s.kind {
	case column.String:
		text := *s.texts.get(p[0])
		return append(appendUint(b, uint64(len(text))), text...)
	case column.Decimal128:
		b = appendOrdinal(b, p[0])
		p = p[1:]
	}
	return appendOrdinal(b, p[0])
}

func (s *slot) decode(p []uint64, b []byte) (rest []byte, err error) {
	switch s.kind {
	case column.String:
		text, rest, err := readBytes(b)
		if err != nil {
			return nil, err
		}
		*s.texts.make(&p[0]) = string(text)
		return rest, nil
	case column.Decimal128:
		if p[0], b, err = readOrdinal(b); err != nil {
			return nil, err
		}
		p = p[1:]
	}
	p[0], b, err = readOrdinalOf(s.kind, b)
	return b, err
}

// set sets v to the value in p.
func (s *slot) set(v *column.Value, p []uint64) {
	switch s.kind {
	case column.String:
		v.Null, v.String = false, *s.texts.get(p[0])
	case column.Decimal128:
		v.Null, v.Decimal = false, decimalOf(p)
	default:
		setOrdinal(v, p[0])
	}
}

// drop forgets the value in p.
func (s *slot) drop(p []uint64) {
	if s.kind == column.String {
		s.texts.drop(&p[0])
	}
}
