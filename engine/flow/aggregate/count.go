package aggregate

import "parallax/engine/flow/column"

// count is the number of rows, or of rows whose argument is not null. One word.
//
//	encoding  n uvarint
type count struct{ cell }

func bindCount(c Call) (*function, error) {
	if len(c.Args) > 1 || len(c.Params) != 0 {
		return nil, ErrArguments
	}
	return &function{
		result: column.TypeOf(column.Int64), retracts: true, words: 1,
		open: func(c cell) store { return &count{c} },
	}, nil
}

func (s *count) add(c *chunk) {
	if c.single {
		*s.word(c.groups[0]) += uint64(len(c.groups))
		return
	}
	words, stride, at := s.table.words, s.table.stride, s.at
	for _, g := range c.groups {
		words[int(g)*stride+at]++
	}
}

func (s *count) merge(group uint32, src store, from uint32) {
	*s.word(group) += *src.(*count).word(from)
}

func (s *count) retract(group uint32, src store, from uint32) {
	subtractCount(s.word(group), *src.(*count).word(from))
}

// subtractCount takes rows out of a count.
func subtractCount(n *uint64, rows uint64) {
	if rows > *n {
		panic("aggregate: more rows retracted than were there")
	}
	*n -= rows
}

func (s *count) encode(group uint32, b []byte) []byte {
	return appendUint(b, *s.word(group))
}

func (s *count) decode(group uint32, b []byte) (rest []byte, err error) {
	*s.word(group), rest, err = readCount(b)
	return rest, err
}

func (s *count) finish(group uint32, v *column.Value) bool {
	v.Null, v.Int = false, int64(*s.word(group))
	return true
}

func (s *count) fill(groups []uint32, out *column.Column) (overflows int) {
	words, stride, at := s.table.words, s.table.stride, s.at
	for _, g := range groups {
		out.Ints = append(out.Ints, int64(words[int(g)*stride+at]))
	}
	return 0
}
