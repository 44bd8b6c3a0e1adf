package operator

import (
	"cmp"
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/watermark"
)

// cell is a (key, window) of the stage before, the key by its number there.
type cell struct {
	key        uint32
	start, end int64
}

// time is the event time of the cell's result.
func (c cell) time() int64 { return c.end - 1 }

func (c cell) compare(d cell) int {
	return cmp.Or(cmp.Compare(c.end, d.end), cmp.Compare(c.start, d.start), cmp.Compare(c.key, d.key))
}

// keptResult is a result that stands and may still be replaced. Its accumulators are
// the group of its number: those of this one row.
type keptResult struct {
	cell
	by     uint32 // the key by which the link groups it
	onTime bool   // of a pane on time
	fresh  bool   // of sessions: no pane has shown it
	used   bool
}

// keptResults is the results that a link keeps.
type keptResults struct {
	fns     []aggregate.Function
	count   int // the one that counts all rows
	rows    []keptResult
	free    []uint32
	table   *aggregate.Table
	at      map[cell]uint32
	byEnd   bool     // they are forgotten in the order of their ends
	ends    []ending // if so; ascending by end
	settled int64    // nothing that ends here or before changes any more
}

// ending is the results whose windows end at one moment; some may be gone, and
// their numbers another result's.
type ending struct {
	end  int64
	rows []uint32
}

func newKeptResults(fns []aggregate.Function, count int) *keptResults {
	return &keptResults{fns: fns, count: count, table: aggregate.NewTable(fns), at: map[cell]uint32{}, settled: watermark.None}
}

// add makes a result's row, with empty accumulators.
func (k *keptResults) add(r keptResult) uint32 {
	r.used = true
	var n uint32
	if f := len(k.free); f > 0 {
		n, k.free = k.free[f-1], k.free[:f-1]
		k.rows[n] = r
	} else {
		n = uint32(len(k.rows))
		k.rows = append(k.rows, r)
		k.table.Grow(len(k.rows))
	}
	k.at[r.cell] = n
	if !k.byEnd {
		return n
	}
	i, found := slices.BinarySearchFunc(k.ends, r.end, func(e ending, end int64) int { return cmp.Compare(e.end, end) })
	if !found {
		k.ends = slices.Insert(k.ends, i, ending{end: r.end})
	}
	k.ends[i].rows = append(k.ends[i].rows, n)
	return n
}

// drop forgets a result.
func (k *keptResults) drop(n uint32) {
	delete(k.at, k.rows[n].cell)
	k.table.Clear(n)
	k.rows[n] = keptResult{}
	k.free = append(k.free, n)
}

// dropTo forgets the results of windows that end by settled.
func (k *keptResults) dropTo(settled int64) {
	n := 0
	for n < len(k.ends) && k.ends[n].end <= settled {
		for _, row := range k.ends[n].rows {
			if r := &k.rows[row]; r.used && r.end == k.ends[n].end {
				k.drop(row)
			}
		}
		n++
	}
	k.ends = slices.Delete(k.ends, 0, n)
}

// listed is the numbers of all results kept, in the order of their cells.
func (k *keptResults) listed() []uint32 {
	list := make([]uint32, 0, len(k.at))
	for n := range k.rows {
		if k.rows[n].used {
			list = append(list, uint32(n))
		}
	}
	slices.SortFunc(list, func(a, b uint32) int { return k.rows[a].compare(k.rows[b].cell) })
	return list
}
