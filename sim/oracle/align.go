package oracle

import (
	"cmp"
	"math/big"
	"slices"
)

// readAligned reads a log whose partitions are aligned: a row waits until its
// partition may be read on and it is the first of it. Everything that has arrived and
// is not read is in one list, in the order of arrival.
func (a *answer) readAligned(f *frontiers, in Input) error {
	var waiting []*Row
	// read takes what may be read, the earliest event first, until nothing may; at the
	// end of the log everything may.
	read := func(all bool) error {
		for {
			var firsts []*Row
			seen := map[int32]bool{}
			for _, r := range waiting {
				if !seen[r.Partition] && (all || !f.presence.ahead(int(r.Partition))) {
					firsts = append(firsts, r)
				}
				seen[r.Partition] = true
			}
			if firsts == nil {
				return nil
			}
			r := slices.MinFunc(firsts, func(r, s *Row) int { return cmp.Or(cmp.Compare(r.Time, s.Time), cmp.Compare(r.Partition, s.Partition)) })
			waiting = slices.DeleteFunc(waiting, func(w *Row) bool { return w == r })
			if err := a.take(f, r); err != nil {
				return err
			}
		}
	}
	for i := range in.Rows {
		r := &in.Rows[i]
		for begun := f.presence.now != nil; begun && f.presence.next(big.NewInt(r.Append)); {
			if err := read(false); err != nil {
				return err
			}
		}
		if err := read(false); err != nil {
			return err
		}
		waiting = append(waiting, r)
		if err := read(false); err != nil {
			return err
		}
	}
	return read(true)
}
