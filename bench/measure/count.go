package measure

// Tally is how rows count in the end, or on the way there.
type Tally struct {
	Pairs   int64 // (row, window) pairs there are
	Over    int64 // that count more than once, or where they should not, in any answer ever shown
	Under   int64 // that do not count in the last answer
	Missing int64 // windows that are never answered
}

// Count tells what counts too often from what does not count. extra is rows that were
// shown of windows that are none.
func (list Histories) Count(extra int64) Tally {
	t := Tally{Over: extra}
	for i := range list {
		h := &list[i]
		t.Pairs += h.Rows
		most := int64(0)
		for k := range h.Shown {
			most = max(most, h.Shown[k].Rows-h.Rows)
		}
		t.Over += most
		s := h.last()
		if s == nil {
			t.Missing++
			t.Under += h.Rows
			continue
		}
		t.Under += max(0, h.Rows-s.Rows)
	}
	return t
}
