package scenarios

import (
	"cmp"
	"slices"

	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
)

// countCensus counts count windows: those that are full, of the rows that were not
// dropped. A dropped row is missing in none of them, for it has no number, so that none
// is incomplete. In all they are the ones of the final view; which partitions a window
// has rows from shows when its rows are in order.
type countCensus struct {
	rowsOf  int64        // a window's
	keys    [][]countRow // on time, by key; of several partitions only
	counted bool
	parts   []int64
}

type countRow struct {
	time      int64
	partition int32
}

func (c *countCensus) rows(b *column.Batch, selected []int32, keys []uint32) {
	if len(c.parts) == 1 {
		return
	}
	one := func(row int) {
		for int(keys[row]) >= len(c.keys) {
			c.keys = append(c.keys, nil)
		}
		list := &c.keys[keys[row]]
		*list = append(*list, countRow{b.Times[row], b.Partition})
	}
	if selected == nil {
		for row := range b.Rows {
			one(row)
		}
	}
	for _, row := range selected {
		one(int(row))
	}
}

// drops takes rows out that have just been taken in.
func (c *countCensus) drops(list []operator.Drop) {
	if len(c.parts) == 1 {
		return
	}
	for i := range list {
		d := &list[i]
		rows := c.keys[d.Key]
		at := len(rows) - 1
		for rows[at] != (countRow{d.Time, d.Partition}) {
			at--
		}
		c.keys[d.Key] = slices.Delete(rows, at, at+1)
	}
}

func (c *countCensus) all(view []cellKey) (windows, incomplete int64) { return int64(len(view)), 0 }

func (c *countCensus) partition(p int, view []cellKey) (windows, incomplete int64) {
	if len(c.parts) == 1 {
		return c.all(view)
	}
	c.count()
	return c.parts[p], 0
}

// count puts the rows of each key in order, once, and looks at the windows that are full.
func (c *countCensus) count() {
	if c.counted {
		return
	}
	c.counted = true
	for _, rows := range c.keys {
		slices.SortFunc(rows, func(a, b countRow) int {
			return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.partition, b.partition))
		})
		for ; int64(len(rows)) >= c.rowsOf; rows = rows[c.rowsOf:] {
			seen := make([]bool, len(c.parts))
			for _, r := range rows[:c.rowsOf] {
				if p := r.partition; !seen[p] {
					seen[p] = true
					c.parts[p]++
				}
			}
		}
	}
}
