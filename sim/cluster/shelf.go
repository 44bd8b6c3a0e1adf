package cluster

// shelf is what the view must have had of every (key, start of a window), span by
// span, so that an answer of any cut can be compared.
type shelf struct {
	cells []cell
	place map[spot]int
	now   int   // the span that is being put
	shown int   // cells that the view has
	fresh []int // cells that have changed since the last look
}

// spot is where a row of the view stands: a view has one of a key and a start.
type spot struct {
	start int64
	key   uint32
}

// cell is what the view has had in one spot.
type cell struct {
	spot
	versions []version // ascending by span
}

// version is a row of the view from a span on.
type version struct {
	span  int
	gone  bool // it is none: what stood here was taken back
	end   int64
	late  bool
	bytes []byte // the accumulators
	final []byte // the finished values, once somebody has asked for them
}

func newShelf() *shelf { return &shelf{place: map[spot]int{}} }

// put says what the view has in a spot from the span at hand on.
func (s *shelf) put(at spot, v version) {
	v.span = s.now
	number, known := s.place[at]
	if !known {
		if v.gone {
			return
		}
		number = len(s.cells)
		s.place[at] = number
		s.cells = append(s.cells, cell{spot: at})
	}
	c := &s.cells[number]
	n := len(c.versions)
	if n == 0 || c.versions[n-1].gone {
		s.shown++
	}
	if v.gone {
		s.shown--
	}
	if n > 0 && c.versions[n-1].span == v.span {
		c.versions[n-1] = v
		return
	}
	c.versions = append(c.versions, v)
	s.fresh = append(s.fresh, number)
}

// at is what the view has had in a cell at a span, nil for nothing.
func (c *cell) at(span int) *version {
	for i := len(c.versions) - 1; i >= 0; i-- {
		if v := &c.versions[i]; v.span <= span {
			if v.gone {
				return nil
			}
			return v
		}
	}
	return nil
}

// look is what the view has in a spot now, nil for nothing.
func (s *shelf) look(at spot) *version {
	number, known := s.place[at]
	if !known {
		return nil
	}
	return s.cells[number].at(s.now)
}

// backTo forgets everything behind a span.
func (s *shelf) backTo(span int) {
	s.now, s.shown, s.fresh = span, 0, s.fresh[:0]
	for i := range s.cells {
		c := &s.cells[i]
		for n := len(c.versions); n > 0 && c.versions[n-1].span > span; n-- {
			c.versions = c.versions[:n-1]
		}
		if c.at(span) != nil {
			s.shown++
		}
	}
}

// same tells whether two shelves hold the same now.
func (s *shelf) same(o *shelf) bool {
	if s.shown != o.shown {
		return false
	}
	for i := range s.cells {
		v := s.cells[i].at(s.now)
		if v == nil {
			continue
		}
		w := o.look(s.cells[i].spot)
		if w == nil || v.end != w.end || v.late != w.late || string(v.bytes) != string(w.bytes) {
			return false
		}
	}
	return true
}
