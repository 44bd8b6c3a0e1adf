package operator

import (
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

// pendingRows is rows of a batch whose groups are known, and which are not in the table
// yet: those of many groups are added at once. Without a selection rows are listed by
// their number only as long as none is left out.
type pendingRows struct {
	table  *aggregate.Table
	batch  *column.Batch
	in     *aggregate.Input
	first  int     // without a selection: the first row
	rows   []int32 // else
	groups []uint32
}

// begin is called before the first row of a batch.
func (w *pendingRows) begin(b *column.Batch, in *aggregate.Input) { w.batch, w.in, w.first = b, in, 0 }

func (w *pendingRows) add(row int, group uint32) {
	if w.batch.Select != nil {
		w.rows = append(w.rows, int32(row))
	} else if row != w.first+len(w.groups) {
		w.flush()
		w.first = row
	}
	w.groups = append(w.groups, group)
}

// flush adds the waiting rows to their accumulators.
func (w *pendingRows) flush() {
	n := len(w.groups)
	if n == 0 {
		return
	}
	w.table.Grow(int(slices.Max(w.groups)) + 1)
	if w.batch.Select == nil {
		w.table.AddRange(w.in, w.groups, w.first, w.first+n)
		w.first += n
	} else {
		w.table.AddRows(w.in, w.groups, w.rows)
	}
	w.rows, w.groups = w.rows[:0], w.groups[:0]
}
