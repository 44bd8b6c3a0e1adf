package aggregate

// pair is a count of rows and the sum of int64 behind it. Where no row is left
// out of either they are added to in one walk: the commonest pair of all, and a
// group's words lie side by side.
type pair struct{ sum *sumInt }

// pairUp finds the pairs among the functions of a table.
func pairUp(fns []Function, stores []store) []*pair {
	pairs := make([]*pair, len(fns))
	for f := 0; f+1 < len(fns); f++ {
		_, isCount := stores[f].(*count)
		sum, isSum := stores[f+1].(*sumInt)
		if isCount && isSum && len(fns[f].bound().call.Args) == 0 {
			pairs[f] = &pair{sum: sum}
		}
	}
	return pairs
}

// plain tells whether all rows count for both functions, the first being the
// f-th.
func (p *pair) plain(in *Input, f int) bool {
	return in.Args[f+1][0].Null == nil && (in.Where == nil || in.Where[f] == nil && in.Where[f+1] == nil)
}

// add takes the rows of a chunk into both.
func (p *pair) add(c *chunk) {
	s := p.sum
	words, stride, at := s.table.words, s.table.stride, s.at-1
	values := c.ints(0)
	groups := c.groups[:len(values)]
	for i, v := range values {
		k := int(groups[i])*stride + at
		w := words[k : k+2 : k+2]
		w[0]++
		old := int64(w[1])
		sum := old + v
		w[1] = uint64(sum)
		if (old^sum)&(v^sum) < 0 {
			s.carries.add(groups[i], wrap(v), s.table.groups)
		}
	}
}
