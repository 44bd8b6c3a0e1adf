package operator

import "cmp"

// waitingRow is a row that may not be counted yet, and its accumulators.
type waitingRow struct {
	time, offset int64
	partition    int32
	key, slot    uint32
}

// waitingRows is the rows of a lane as a heap, the first to be counted on top. Rows come
// nearly in order, so that most stay where they are put.
type waitingRows struct {
	rows  []waitingRow
	blind bool // planted defect: it does not look at times
}

// compare orders rows by event time, then partition, then offset.
func (w *waitingRows) compare(a, b *waitingRow) int {
	if c := cmp.Compare(a.time, b.time); c != 0 && !w.blind {
		return c
	}
	return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
}

func (w *waitingRows) push(r waitingRow) {
	w.rows = append(w.rows, r)
	h := w.rows
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if w.compare(&h[up], &r) < 0 {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = r
}

// pop takes the first row off.
func (w *waitingRows) pop() waitingRow {
	h := w.rows
	first, n := h[0], len(h)-1
	last := h[n]
	w.rows, h = h[:n], h[:n]
	if n == 0 {
		return first
	}
	i := 0
	for down := 1; down < n; down = 2*i + 1 {
		if down+1 < n && w.compare(&h[down+1], &h[down]) < 0 {
			down++
		}
		if w.compare(&last, &h[down]) < 0 {
			break
		}
		h[i] = h[down]
		i = down
	}
	h[i] = last
	return first
}
