package scenarios

import (
	"cmp"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// slidingCensus counts the sliding windows that the rows would have made had none been
// dropped. A window is incomplete if a row in it came too late for it.
type slidingCensus struct {
	spec    window.Spec
	late    flow.Late
	times   [][][]int64     // by key and partition: at which rows count
	lost    [][][]lostTimes // by key and partition; shorter where nothing was dropped
	counted bool
	total   [2]int64   // windows, incomplete
	parts   [][2]int64 // by partition
}

// lostTimes is the starts, both ends included, of the windows that a row was too late
// for although they hold its time.
type lostTimes struct{ from, to int64 }

func newSlidingCensus(spec window.Spec, late flow.Late, partitions int) *slidingCensus {
	return &slidingCensus{spec: spec, late: late, parts: make([][2]int64, partitions)}
}

func (c *slidingCensus) rows(b *column.Batch, selected []int32, keys []uint32) {
	if selected == nil {
		for row := range b.Rows {
			c.row(int(b.Partition), keys[row], b.Times[row])
		}
	}
	for _, row := range selected {
		c.row(int(b.Partition), keys[row], b.Times[row])
	}
}

// row notes the time of a row, mostly the same as or greater than the one before.
func (c *slidingCensus) row(partition int, key uint32, t int64) {
	u, ok := c.spec.Grid(t)
	if !ok {
		return
	}
	for int(key) >= len(c.times) {
		c.times = append(c.times, make([][]int64, len(c.parts)))
	}
	list := &c.times[key][partition]
	if n := len(*list); n == 0 || (*list)[n-1] != u {
		*list = append(*list, u)
	}
}

func (c *slidingCensus) drops(list []operator.Drop) {
	for i := range list {
		d := &list[i]
		for int(d.Key) >= len(c.lost) {
			c.lost = append(c.lost, make([][]lostTimes, len(c.parts)))
		}
		u := d.FirstEnd - c.spec.Every
		last := u // of the windows that hold u, those that end by Watermark - allowed
		if !c.late.PerElement {
			last = min(u, c.spec.Enters(u, window.Sub(d.Watermark, c.late.Allowed))-c.spec.Every)
		}
		lost := &c.lost[d.Key][d.Partition]
		*lost = append(*lost, lostTimes{c.spec.Own(u), last})
	}
}

func (c *slidingCensus) all([]cellKey) (windows, incomplete int64) {
	c.count()
	return c.total[0], c.total[1]
}

func (c *slidingCensus) partition(p int, _ []cellKey) (windows, incomplete int64) {
	c.count()
	return c.parts[p][0], c.parts[p][1]
}

// count lists the windows of each key, once, and walks them beside the rows of all
// partitions and of each.
func (c *slidingCensus) count() {
	if c.counted {
		return
	}
	c.counted = true
	for key, parts := range c.times {
		for p := range parts {
			slices.Sort(parts[p])
			parts[p] = slices.Compact(parts[p])
		}
		all := parts[0]
		if len(parts) > 1 {
			all = slices.Concat(parts...)
			slices.Sort(all)
			all = slices.Compact(all)
		}
		starts := make([]int64, 0, 2*len(all))
		for _, u := range all {
			starts = append(starts, c.spec.Own(u), c.spec.After(u))
		}
		slices.Sort(starts)
		starts = slices.Compact(starts)
		var lost [][]lostTimes
		if key < len(c.lost) {
			lost = c.lost[key]
		}
		c.tally(&c.total, starts, all, slices.Concat(lost...))
		for p := range parts {
			if len(lost) == 0 {
				c.tally(&c.parts[p], starts, parts[p], nil)
			} else {
				c.tally(&c.parts[p], starts, parts[p], lost[p])
			}
		}
	}
}

// tally counts the windows that hold one of the times, and those that lost a row.
func (c *slidingCensus) tally(counts *[2]int64, starts, times []int64, lost []lostTimes) {
	slices.SortFunc(lost, func(a, b lostTimes) int { return cmp.Compare(a.from, b.from) })
	next, gone, to := 0, 0, int64(0)
	for _, start := range starts {
		for next < len(times) && times[next] < start {
			next++
		}
		if next == len(times) || times[next] > start+c.spec.Difference() {
			continue
		}
		counts[0]++
		for gone < len(lost) && lost[gone].from <= start {
			if gone == 0 || lost[gone].to > to {
				to = lost[gone].to
			}
			gone++
		}
		if gone > 0 && start <= to {
			counts[1]++
		}
	}
}
