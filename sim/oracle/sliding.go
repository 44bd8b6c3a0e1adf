package oracle

import (
	"cmp"
	"math/big"
	"slices"

	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// slidingKey is the rows of one key in sliding windows, as they came.
type slidingKey struct {
	key  []column.Value
	rows []slidingRow
}

// slidingRow is a row, the time at which it counts, and the watermark that judged it;
// nil if there was none.
type slidingRow struct {
	keptRow
	at   int64
	mark *big.Int
	old  bool // it is too late whatever its windows
}

// grid is the greatest multiple of the grain that is not above t; ok is false for a row
// so near to an end of all times that one of the windows that it could be in, or make,
// would lie beyond.
func grid(s *window.Spec, t int64) (at int64, ok bool) {
	reach := new(big.Int).Add(bigInt(s.Size), bigInt(s.Every))
	first, last := new(big.Int).Sub(bigInt(t), reach), new(big.Int).Add(bigInt(t), reach)
	if !first.IsInt64() || !last.IsInt64() {
		return 0, false
	}
	n := new(big.Int).Div(bigInt(t), bigInt(s.Every)) // rounds down
	return n.Mul(n, bigInt(s.Every)).Int64(), true
}

// placeSliding takes a row in; w is the watermark that judges it. It is counted by the
// window that ends at it.
func (a *answer) placeSliding(w *big.Int, k keptRow) {
	s := a.query.window
	at, ok := grid(s, k.row.Time)
	if !ok {
		return
	}
	key := a.query.keyOf(k.values)
	id := identity(key, span{})
	g := a.sliding[id]
	if g == nil {
		g = &slidingKey{key: key}
		a.sliding[id] = g
	}
	r := slidingRow{keptRow: k, at: at, mark: w, old: tooOld(a.query.pipeline.Late, w, k.row.Time)}
	g.rows = append(g.rows, r)
	own := span{at - s.Difference(), at + s.Every}
	x := a.judgeIn(r, own)
	a.count(k.row, func(c *Counts) { c.add(x) })
	if x != dropped {
		return
	}
	a.result.Drops = append(a.result.Drops, Drop{
		Key: key, Partition: k.row.Partition, Offset: k.row.Offset, Time: k.row.Time,
		Start: own.start, End: own.end, Watermark: w.Int64(),
	})
	if a.judgeIn(r, span{at, at + s.Size}) == dropped { // the last window that can hold it
		a.count(k.row, func(c *Counts) { c.RowsDropped++ })
	}
}

func (a *answer) judgeIn(r slidingRow, w span) fate {
	if r.old {
		return dropped
	}
	return judge(r.mark, w.end, a.query.pipeline.Late.Allowed)
}

// finishSliding makes the windows of all keys from the definition: for each row the
// window that ends at it and the one just after it, unless the row is too late for
// that; of each the rows that are not too late for it; and of those that are left with
// rows, one for each start. Windows are counted as if nothing had been too late.
func (a *answer) finishSliding() error {
	keys := make([]*slidingKey, 0, len(a.sliding))
	for _, g := range a.sliding {
		keys = append(keys, g)
	}
	slices.SortFunc(keys, func(g, h *slidingKey) int { return compareKeys(g.key, h.key) })
	for _, g := range keys {
		for _, w := range a.windowsOf(g, func(fate) bool { return true }) {
			a.countSliding(g, w)
		}
		inTime := a.windowsOf(g, func(x fate) bool { return x == onTime })
		kept := a.windowsOf(g, func(x fate) bool { return x != dropped })
		for _, w := range kept { // those on time are among them
			if err := a.closeSliding(g, w, slices.Contains(inTime, w)); err != nil {
				return err
			}
		}
	}
	return nil
}

// windowsOf lists the windows of a key, ascending, where a row counts in a window, and
// makes it, if its fate there does.
func (a *answer) windowsOf(g *slidingKey, counts func(fate) bool) []span {
	s := a.query.window
	var out []span
	for _, r := range g.rows {
		for _, start := range []int64{r.at - s.Difference(), r.at + s.Every} {
			w := span{start, start + s.Size}
			if counts(a.judgeIn(r, w)) && len(a.rowsIn(g, w, counts)) > 0 {
				out = append(out, w)
			}
		}
	}
	slices.SortFunc(out, func(v, w span) int { return cmp.Compare(v.start, w.start) })
	return slices.Compact(out)
}

// rowsIn is the rows that count in a window.
func (a *answer) rowsIn(g *slidingKey, w span, counts func(fate) bool) []slidingRow {
	var out []slidingRow
	for _, r := range g.rows {
		if w.start <= r.at && r.at < w.end && counts(a.judgeIn(r, w)) {
			out = append(out, r)
		}
	}
	return out
}

// countSliding counts a window, in all and for each partition that has a row in it.
func (a *answer) countSliding(g *slidingKey, w span) {
	lost, all := map[int32]bool{}, false
	for _, r := range a.rowsIn(g, w, func(fate) bool { return true }) {
		gone := a.judgeIn(r, w) == dropped
		lost[r.row.Partition] = lost[r.row.Partition] || gone
		all = all || gone
	}
	a.result.All.window(all)
	for p, lost := range lost {
		a.result.Partitions[p].window(lost)
	}
}

// closeSliding computes a window of a key, finally and, if rows on time make it, as of
// those.
func (a *answer) closeSliding(g *slidingKey, w span, fires bool) (err error) {
	out := Window{Key: g.key, Start: w.start, End: w.end}
	var rows [3][]keptRow
	for _, r := range a.rowsIn(g, w, func(fate) bool { return true }) {
		x := a.judgeIn(r, w)
		rows[x] = append(rows[x], r.keptRow)
	}
	out.OnTimePairs, out.RevisedPairs, out.DroppedPairs = int64(len(rows[onTime])), int64(len(rows[revised])), int64(len(rows[dropped]))
	if fires {
		if out.OnTime, err = a.query.aggregate(rows[onTime]); err != nil {
			return err
		}
	}
	out.Final, err = a.query.aggregate(slices.Concat(rows[onTime], rows[revised]))
	a.result.Windows = append(a.result.Windows, out)
	return err
}
