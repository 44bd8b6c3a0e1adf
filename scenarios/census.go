package scenarios

import (
	"maps"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// census counts the windows, (key, window)s, that had a pair and those that lost
// one, in all and by partition.
type census interface {
	// rows takes in the rows of a batch that reached the windows, then drops what was
	// dropped of them.
	rows(b *column.Batch, selected []int32, keys []uint32)
	drops(list []operator.Drop)
	// all counts over all partitions, partition over one, given the (key, window)s of
	// the final view.
	all(view []cellKey) (windows, incomplete int64)
	partition(p int, view []cellKey) (windows, incomplete int64)
}

// windowCensus counts tumbling and hopping windows. In all, those that had a pair
// are the ones in the final view and the ones that lost every pair; so rows need
// counting only where there are several partitions.
type windowCensus struct {
	spec    window.Spec
	alone   bool                   // the final view is of other windows, made of these ones' results
	touched []map[cellKey]struct{} // by partition
	broken  []map[cellKey]struct{} // by partition; the last one: all partitions
	last    [][]int64              // by partition and key: slice of the last row
	ends    []int64
}

func newCensus(plan *flow.Plan, partitions int) census {
	spec := plan.Window
	switch spec.Kind {
	case window.Session:
		return &sessionCensus{spec: spec, spans: make([][][]sessionSpan, partitions)}
	case window.Sliding:
		return newSlidingCensus(spec, plan.Pipeline.Late, partitions)
	case window.Counting:
		return &countCensus{rowsOf: spec.Size, parts: make([]int64, partitions)}
	}
	c := &windowCensus{spec: spec, alone: len(plan.After) > 0, last: make([][]int64, partitions)}
	for range partitions {
		c.touched = append(c.touched, map[cellKey]struct{}{})
	}
	for range partitions + 1 {
		c.broken = append(c.broken, map[cellKey]struct{}{})
	}
	return c
}

// rows: those of a key come mostly slice after slice, so that few of them need the
// maps.
func (c *windowCensus) rows(b *column.Batch, selected []int32, keys []uint32) {
	if len(c.last) == 1 && !c.alone {
		return
	}
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
			c.touched[b.Partition][cellKey{key, c.spec.Start(end), end}] = struct{}{}
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

func (c *windowCensus) drops(list []operator.Drop) {
	for i := range list {
		d := &list[i]
		end := d.FirstEnd
		for range d.Dropped {
			k := cellKey{d.Key, c.spec.Start(end), end}
			c.broken[d.Partition][k] = struct{}{}
			c.broken[len(c.last)][k] = struct{}{}
			end += c.spec.Every
		}
	}
}

func (c *windowCensus) all(view []cellKey) (windows, incomplete int64) {
	broken := c.broken[len(c.last)]
	if c.alone {
		union := map[cellKey]struct{}{}
		for _, touched := range c.touched {
			maps.Copy(union, touched)
		}
		return int64(len(union)), int64(len(broken))
	}
	seen := 0
	if len(broken) > 0 {
		for _, k := range view {
			if _, ok := broken[k]; ok {
				seen++
			}
		}
	}
	return int64(len(view) + len(broken) - seen), int64(len(broken))
}

func (c *windowCensus) partition(p int, view []cellKey) (windows, incomplete int64) {
	if len(c.last) == 1 && !c.alone {
		return c.all(view)
	}
	return int64(len(c.touched[p])), int64(len(c.broken[p]))
}
