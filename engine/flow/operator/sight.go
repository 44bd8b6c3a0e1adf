package operator

import (
	"sort"

	"parallax/engine/flow/column"
)

// sight is what an entry has seen of a partition. It is there to be told, decides
// nothing, and is not part of the saved state: after a load nothing is known of
// what came before.
type sight struct {
	next      int64 // the offset behind the last row; 0: none was seen
	last      int64 // append time of the last row
	set       int64 // the offset of the row that set the frontier; -1: none that was seen
	setTime   int64 // its event time
	setAppend int64 // and when it came
}

// look takes a batch in, whose stamps are still its own partition's: frontier was
// the partition's before it, and after is behind it.
func (s *sight) look(b *column.Batch, frontier, after int64) {
	if b.Rows == 0 {
		return
	}
	s.come(b)
	if after <= frontier {
		return
	}
	// The row before the first one that was stamped with what is there now.
	s.setBy(b, sort.Search(b.Rows, func(i int) bool { return b.Frontiers[i] >= after })-1)
}

// come takes in that a batch's rows are there.
func (s *sight) come(b *column.Batch) {
	s.next = b.Offset + int64(b.Rows)
	if len(b.Appends) >= b.Rows {
		s.last = b.Appends[b.Rows-1]
	}
}

// setBy takes in which row of a batch set the frontier.
func (s *sight) setBy(b *column.Batch, row int) {
	s.set, s.setTime = b.Offset+int64(row), b.Times[row]
	if row < len(b.Appends) {
		s.setAppend = b.Appends[row]
	}
}
