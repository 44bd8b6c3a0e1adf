package scenarios

import (
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// census counts the windows, (key, window)s, that had a pair and those that lost
// one, in all and by partition.
type census struct {
	spec    window.Spec
	touched []map[cellKey]struct{} // by partition; the last one: all partitions
	broken  []map[cellKey]struct{}
	last    [][]int64 // by partition and key: slice of the last row
	ends    []int64
}

func newCensus(spec window.Spec, partitions int) *census {
	c := &census{spec: spec, last: make([][]int64, partitions)}
	for range partitions + 1 {
		c.touched = append(c.touched, map[cellKey]struct{}{})
		c.broken = append(c.broken, map[cellKey]struct{}{})
	}
	return c
}

// rows takes in the rows of a batch that reached the windows. Rows of a key come
// mostly slice after slice, so that few of them need the maps.
func (c *census) rows(b *column.Batch, selected []int32, keys []uint32) {
	last := c.last[b.Partition]
	lo, hi := int64(1), int64(0) // the slice at hand
	one := func(row int) {
		key, t := keys[row], b.Times[row]
		for int(key) >= len(last) {
			last = append(last, column.NoFrontier)
		}
		if t < lo || t >= hi {
			lo, hi = c.spec.Slice(t)
		}
		if last[key] == lo && lo != column.NoFrontier {
			return
		}
		last[key] = lo
		c.ends = c.spec.Ends(lo, c.ends[:0])
		for _, end := range c.ends {
			k := cellKey{key, end}
			c.touched[b.Partition][k] = struct{}{}
			c.touched[len(c.last)][k] = struct{}{}
		}
	}
	if selected == nil {
		for row := range b.Rows {
			one(row)
		}
	}
	for _, row := range selected {
		one(int(row))
	}
	c.last[b.Partition] = last
}

// drops takes in what was dropped.
func (c *census) drops(list []operator.Drop) {
	for i := range list {
		d := &list[i]
		end := d.FirstEnd
		for range d.Dropped {
			k := cellKey{d.Key, end}
			c.broken[d.Partition][k] = struct{}{}
			c.broken[len(c.last)][k] = struct{}{}
			end += c.spec.Every
		}
	}
}

// count is the windows and incomplete windows of a partition, or with the number
// of partitions of all.
func (c *census) count(partition int) (windows, incomplete int64) {
	return int64(len(c.touched[partition])), int64(len(c.broken[partition]))
}
