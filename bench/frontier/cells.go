package frontier

import (
	"cmp"
	"slices"

	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// cell is the rows of one key in one slice of event time.
type cell struct {
	start int64 // of the slice
	key   uint32
	lane  uint32
	rows  int64
	least int64 // of the frontiers that the rows met
	most  int64
}

// cells finds the cell of a key and a slice. Rows of a key come mostly slice after
// slice, and the late ones belong to the slice before: so one of the last two cells of
// each key is nearly always the one.
type cells struct {
	list  []cell
	last  [][2]uint32 // by key: 1 + the cell of its last row, and the one before
	slots []uint32    // open addressing by place: 1 + a cell; 0: free
}

type place struct {
	start     int64
	key, lane uint32
}

// add counts a row that met frontier f.
func (c *cells) add(key, lane uint32, start, f int64) {
	for int(key) >= len(c.last) {
		c.last = append(c.last, [2]uint32{})
	}
	last := &c.last[key]
	at := last[0]
	if at == 0 || c.list[at-1].start != start || c.list[at-1].lane != lane {
		last[0], last[1] = last[1], at
		if at = last[0]; at == 0 || c.list[at-1].start != start || c.list[at-1].lane != lane {
			at = c.find(place{start, key, lane})
			last[0] = at
		}
	}
	c.list[at-1].meet(f)
}

// recent is the cell of a key's last row, or nil.
func (c *cells) recent(key uint32) *cell {
	if int(key) < len(c.last) {
		if at := c.last[key][0]; at != 0 {
			return &c.list[at-1]
		}
	}
	return nil
}

// meet counts a row that met frontier f.
func (v *cell) meet(f int64) {
	v.rows++
	v.least, v.most = min(v.least, f), max(v.most, f)
}

// find is 1 + the number of a cell, which it makes.
func (c *cells) find(p place) uint32 {
	if 2*(len(c.list)+1) > len(c.slots) {
		c.slots = make([]uint32, max(64, 2*len(c.slots)))
		for i := range c.list {
			v := &c.list[i]
			c.slots[c.slot(place{v.start, v.key, v.lane})] = uint32(i + 1)
		}
	}
	slot := c.slot(p)
	if c.slots[slot] == 0 {
		if len(c.list) == cap(c.list) {
			c.list = slices.Grow(c.list, len(c.list)) // doubled: append grows by a quarter
		}
		c.list = append(c.list, cell{start: p.start, key: p.key, lane: p.lane, least: 1<<63 - 1, most: column.NoFrontier})
		c.slots[slot] = uint32(len(c.list))
	}
	return c.slots[slot]
}

// slot is where a cell is in the index, or would be.
func (c *cells) slot(p place) uint64 {
	const golden = 0x9e3779b97f4a7c15
	h := (uint64(p.start)*golden ^ uint64(p.key) ^ uint64(p.lane)<<32) * golden
	mask := uint64(len(c.slots) - 1)
	for i := (h ^ h>>32) & mask; ; i = (i + 1) & mask {
		at := c.slots[i]
		if at == 0 {
			return i
		}
		if v := &c.list[at-1]; v.start == p.start && v.key == p.key && v.lane == p.lane {
			return i
		}
	}
}

// span is one window of one key.
type span struct {
	end       int64
	key, lane uint32
	rows      int64
	least     int64 // c of the pair that is on time with the least delay
	most      int64 // c of the pair that is latest
}

// before is the c of a row that met no frontier.
const before = int64(-1) << 63

// spans makes the windows of the cells: those of a key and lane together, in the
// order of their ends.
func (c *cells) spans(spec window.Spec) []span {
	order := c.order()
	var (
		out  []span
		ends []int64
		from int // the first window of the group that is not over
	)
	for i, n := range order {
		v := &c.list[n]
		if i == 0 || c.list[order[i-1]].lane != v.lane || c.list[order[i-1]].key != v.key {
			from = len(out)
		}
		ends = spec.Ends(v.start, ends[:0])
		for from < len(out) && out[from].end < ends[0] {
			from++
		}
		at := from
		for _, end := range ends { // ascending, as are those of out
			for at < len(out) && out[at].end < end {
				at++
			}
			if at == len(out) {
				out = append(out, span{end: end, key: v.key, lane: v.lane, least: 1<<63 - 1, most: before})
			}
			w := &out[at]
			w.rows += v.rows
			w.least, w.most = min(w.least, past(v.least, end)), max(w.most, past(v.most, end))
		}
	}
	return out
}

// order is the cells by key, lane and start. Those of a key are nearly in order.
func (c *cells) order() []uint32 {
	from := make([]uint32, len(c.last)+1)
	for i := range c.list {
		from[c.list[i].key+1]++
	}
	for key := range c.last {
		from[key+1] += from[key]
	}
	order, next := make([]uint32, len(c.list)), slices.Clone(from)
	for i := range c.list {
		key := c.list[i].key
		order[next[key]] = uint32(i)
		next[key]++
	}
	for key := range c.last {
		slices.SortFunc(order[from[key]:from[key+1]], func(a, b uint32) int {
			x, y := &c.list[a], &c.list[b]
			return cmp.Or(cmp.Compare(x.lane, y.lane), cmp.Compare(x.start, y.start))
		})
	}
	return order
}

// past is by how much a frontier is past the end of a window.
func past(frontier, end int64) int64 {
	if frontier == column.NoFrontier {
		return before
	}
	return window.Sub(frontier, end)
}
