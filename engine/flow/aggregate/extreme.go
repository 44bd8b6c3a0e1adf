package aggregate

import (
	"parallax/engine/flow/column"
)

func bindMin(c Call) (*function, error) { return bindExtreme(c, ^uint64(0)) }
func bindMax(c Call) (*function, error) { return bindExtreme(c, 0) }

// bindExtreme binds max, or min as the max of flipped ordinals.
func bindExtreme(c Call, flip uint64) (*function, error) {
	t, err := oneArgument(c)
	if err != nil {
		return nil, err
	}
	f := &function{result: t, words: 1 + slotWords(t.Kind)}
	switch t.Kind {
	case column.Decimal128, column.String:
		f.open = func(c cell) store { return &extremeSlot{cell: c, slot: slot{kind: t.Kind}, sign: 1 | -int(flip&1)} }
	default:
		f.open = func(c cell) store { return &extremeWord{c, t.Kind, flip} }
	}
	return f, nil
}

// extremeWord is min or max of a type of up to 64 bits, in the order of its
// ordinals. The first word is the greatest (flipped) ordinal, the second one is 1
// when there was a row; a first word of 0 loses against any row, so empty needs no
// test.
//
//	encoding  0, or 1 and the ordinal
type extremeWord struct {
	cell
	kind column.Kind
	flip uint64 // all ones for min: the greatest complement is the least value
}

func (s *extremeWord) add(c *chunk) {
	words, stride, at, flip := s.table.words, s.table.stride, s.at, s.flip
	values := c.ordinals(0)
	groups := c.groups[:len(values)]
	for i, o := range values {
		at := int(groups[i])*stride + at
		p := words[at : at+2 : at+2]
		p[0] = max(p[0], o^flip)
		p[1] = 1
	}
}

func (s *extremeWord) merge(group uint32, src store, from uint32) {
	o := src.(*extremeWord)
	i, j := s.index(group), o.index(from)
	p, q := s.table.words[i:i+2], o.table.words[j:j+2]
	p[0] = max(p[0], q[0])
	p[1] |= q[1]
}

func (s *extremeWord) encode(group uint32, b []byte) []byte {
	i := s.index(group)
	if s.table.words[i+1] == 0 {
		return append(b, 0)
	}
	return appendOrdinal(append(b, 1), s.table.words[i]^s.flip)
}

func (s *extremeWord) decode(group uint32, b []byte) (rest []byte, err error) {
	some, b, err := readFlag(b)
	if err != nil || !some {
		return b, err
	}
	o, b, err := readOrdinalOf(s.kind, b)
	if err != nil {
		return nil, err
	}
	i := s.index(group)
	s.table.words[i], s.table.words[i+1] = o^s.flip, 1
	return b, nil
}

func (s *extremeWord) finish(group uint32, v *column.Value) bool {
	i := s.index(group)
	if s.table.words[i+1] != 0 {
		setOrdinal(v, s.table.words[i]^s.flip)
	}
	return true
}

// extremeSlot is min or max of decimals or strings: a word that is 1 when there
// was a row, then the value.
//
//	encoding  0, or 1 and the value as slot
type extremeSlot struct {
	cell
	slot slot
	sign int // 1 for max, -1 for min
}

func (s *extremeSlot) words(group uint32) []uint64 {
	i := s.index(group)
	return s.table.words[i : i+1+slotWords(s.slot.kind)]
}

func (s *extremeSlot) add(c *chunk) {
	for i, g := range c.groups {
		if p := s.words(g); p[0] == 0 || s.sign*s.slot.compareRow(c, i, p[1:]) > 0 {
			p[0] = 1
			s.slot.take(p[1:], c, i)
		}
	}
}

func (s *extremeSlot) merge(group uint32, src store, from uint32) {
	o := src.(*extremeSlot)
	p, q := s.words(group), o.words(from)
	if q[0] != 0 && (p[0] == 0 || s.sign*o.slot.compare(q[1:], &s.slot, p[1:]) > 0) {
		p[0] = 1
		s.slot.copy(p[1:], &o.slot, q[1:])
	}
}

func (s *extremeSlot) encode(group uint32, b []byte) []byte {
	p := s.words(group)
	if p[0] == 0 {
		return append(b, 0)
	}
	return s.slot.encode(p[1:], append(b, 1))
}

func (s *extremeSlot) decode(group uint32, b []byte) (rest []byte, err error) {
	some, b, err := readFlag(b)
	if err != nil || !some {
		return b, err
	}
	p := s.words(group)
	p[0] = 1
	return s.slot.decode(p[1:], b)
}

func (s *extremeSlot) finish(group uint32, v *column.Value) bool {
	if p := s.words(group); p[0] != 0 {
		s.slot.set(v, p[1:])
	}
	return true
}

func (s *extremeSlot) release(group uint32) { s.slot.drop(s.words(group)[1:]) }
