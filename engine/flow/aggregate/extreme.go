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
	f := &function{result: t}
	switch t.Kind {
	default:
		f.words = 2
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
