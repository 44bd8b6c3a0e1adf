package oracle

import (
	"math/big"
	"slices"

	"parallax/engine/flow/column"
)

// placeCount takes a row in; w is the watermark that judges it. It is on time, or it is
// dropped, by the window of its own microsecond.
func (a *answer) placeCount(w *big.Int, k keptRow) {
	key := a.query.keyOf(k.values)
	at := big.NewInt(k.row.Time)
	if w != nil && w.Cmp(at) > 0 {
		a.count(k.row, func(c *Counts) { c.add(dropped); c.RowsDropped++ })
		a.result.Drops = append(a.result.Drops, Drop{
			Key: key, Partition: k.row.Partition, Offset: k.row.Offset, Time: k.row.Time,
			Start: k.row.Time, End: at.Add(at, big.NewInt(1)).Int64(), Watermark: w.Int64(),
		})
		return
	}
	a.count(k.row, func(c *Counts) { c.add(onTime) })
	id := identity(key, span{})
	a.counting[id] = append(a.counting[id], k)
}

// finishCount makes the windows of all keys from the definition: a key's rows in order,
// cut into runs of so many. What is left over makes none.
func (a *answer) finishCount() error {
	lists := make([][]keptRow, 0, len(a.counting))
	for _, rows := range a.counting {
		slices.SortFunc(rows, func(k, l keptRow) int { return k.row.compare(l.row) })
		lists = append(lists, rows)
	}
	key := func(rows []keptRow) []column.Value { return a.query.keyOf(rows[0].values) }
	slices.SortFunc(lists, func(k, l []keptRow) int { return compareKeys(key(k), key(l)) })
	for _, rows := range lists {
		number := int64(0)
		for run := range slices.Chunk(rows, int(a.query.window.Size)) {
			w := Window{Key: key(rows), Start: number, OnTimePairs: int64(len(run))}
			if number += w.OnTimePairs; w.OnTimePairs < a.query.window.Size {
				break
			}
			w.End, w.Last = number, run[len(run)-1].row.Time
			values, err := a.query.aggregate(run)
			if err != nil {
				return err
			}
			w.OnTime, w.Final = values, values
			a.result.Windows = append(a.result.Windows, w)
			a.countRuns(run)
		}
	}
	return nil
}

// countRuns counts a window, in all and for each partition that has a row in it.
func (a *answer) countRuns(run []keptRow) {
	a.result.All.window(false)
	from := map[int32]bool{}
	for _, k := range run {
		if p := k.row.Partition; !from[p] {
			from[p] = true
			a.result.Partitions[p].window(false)
		}
	}
}
