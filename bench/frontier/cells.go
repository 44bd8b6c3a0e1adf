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
// slice, so the last cell of each key is nearly always the one.
type cells struct {
	list  []cell
	last  []uint32 // by key: 1 + the cell of its last row
	index map[place]uint32
}

type place struct {
	start     int64
	key, lane uint32
}

// add counts a row that met frontier f.
func (c *cells) add(key, lane uint32, start, f int64) {
	for int(key) >= len(c.last) {
		c.last = append(c.last, 0)
	}
	at := c.last[key]
	if at == 0 || c.list[at-1].start != start || c.list[at-1].lane != lane {
		at = c.find(place{start, key, lane})
		c.last[key] = at
	}
	v := &c.list[at-1]
	v.rows++
	v.least, v.most = min(v.least, f), max(v.most, f)
}

// find is 1 + the number of a cell, which it makes.
func (c *cells) find(p place) uint32 {
	if at := c.index[p]; at != 0 {
		return at
	}
	if c.index == nil {
		c.index = map[place]uint32{}
	}
	c.list = append(c.list, cell{start: p.start, key: p.key, lane: p.lane, least: 1<<63 - 1, most: column.NoFrontier})
	at := uint32(len(c.list))
	c.index[p] = at
	return at
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

// spans makes the windows of the cells: those of a lane and key together, in the
// order of their ends.
func (c *cells) spans(spec window.Spec) []span {
	order := make([]int, len(c.list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &c.list[a], &c.list[b]
		return cmp.Or(cmp.Compare(x.lane, y.lane), cmp.Compare(x.key, y.key), cmp.Compare(x.start, y.start))
	})
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

// past is by how much a frontier is past the end of a window.
func past(frontier, end int64) int64 {
	if frontier == column.NoFrontier {
		return before
	}
	return window.Sub(frontier, end)
}
