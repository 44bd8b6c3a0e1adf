package scenarios

import (
	"cmp"
	"math"
	"slices"

	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// sessionCensus counts the sessions that the rows would have made had none been
// dropped. A session is incomplete if a row of it was.
type sessionCensus struct {
	spec    window.Spec
	spans   [][][]sessionSpan // by partition and key: sessions of the partition's own rows, ascending
	counted bool
	total   [2]int64   // windows, incomplete
	parts   [][2]int64 // by partition
}

type sessionSpan struct {
	start, end int64
	lost       bool // a row of it was dropped
}

func (c *sessionCensus) rows(b *column.Batch, selected []int32, keys []uint32) {
	if selected == nil {
		for row := range b.Rows {
			c.row(b.Partition, keys[row], b.Times[row])
		}
	}
	for _, row := range selected {
		c.row(b.Partition, keys[row], b.Times[row])
	}
}

// row adds a row to the sessions of its partition and key, mostly to the last.
func (c *sessionCensus) row(partition int32, key uint32, t int64) {
	if t > math.MaxInt64-c.spec.Size {
		return
	}
	for int(key) >= len(c.spans[partition]) {
		c.spans[partition] = append(c.spans[partition], nil)
	}
	list := &c.spans[partition][key]
	next := sessionSpan{start: t, end: t + c.spec.Size}
	if n := len(*list); n > 0 {
		if last := &(*list)[n-1]; t >= last.start && c.joins(*last, next) {
			last.end = max(last.end, next.end)
			return
		}
	}
	from, _ := slices.BinarySearchFunc(*list, t, func(s sessionSpan, t int64) int { return cmp.Compare(s.end, t) })
	if from < len(*list) && (*list)[from].end == t && !c.joins((*list)[from], next) {
		from++
	}
	to := from
	for to < len(*list) && c.joins((*list)[to], next) {
		next = unite(next, (*list)[to])
		to++
	}
	*list = slices.Replace(*list, from, to, next)
}

func (c *sessionCensus) joins(a, b sessionSpan) bool {
	return c.spec.Joins(a.start, a.end, b.start, b.end)
}

func unite(a, b sessionSpan) sessionSpan {
	return sessionSpan{min(a.start, b.start), max(a.end, b.end), a.lost || b.lost}
}

func (c *sessionCensus) drops(list []operator.Drop) {
	for i := range list {
		d := &list[i]
		spans := c.spans[d.Partition][d.Key]
		at, _ := slices.BinarySearchFunc(spans, d.Time, func(s sessionSpan, t int64) int { return cmp.Compare(s.end, t+1) })
		spans[at].lost = true
	}
}

func (c *sessionCensus) all([]cellKey) (windows, incomplete int64) {
	c.count()
	return c.total[0], c.total[1]
}

func (c *sessionCensus) partition(p int, _ []cellKey) (windows, incomplete int64) {
	c.count()
	return c.parts[p][0], c.parts[p][1]
}

// ownedSpan is a session of one partition's rows.
type ownedSpan struct {
	sessionSpan
	partition int
}

// count joins the sessions of the partitions, key by key, once.
func (c *sessionCensus) count() {
	if c.counted {
		return
	}
	c.counted = true
	c.parts = make([][2]int64, len(c.spans))
	keys := 0
	for _, p := range c.spans {
		keys = max(keys, len(p))
	}
	var list []ownedSpan
	for key := range keys {
		list = list[:0]
		for p := range c.spans {
			if key < len(c.spans[p]) {
				for _, s := range c.spans[p][key] {
					list = append(list, ownedSpan{s, p})
				}
			}
		}
		slices.SortFunc(list, func(a, b ownedSpan) int { return cmp.Compare(a.start, b.start) })
		for len(list) > 0 {
			list = list[c.session(list):]
		}
	}
}

// session counts the session that the first of a key's spans begins and returns how
// many of them it consists of.
func (c *sessionCensus) session(list []ownedSpan) int {
	n, whole := 1, list[0].sessionSpan
	for n < len(list) && c.joins(whole, list[n].sessionSpan) {
		whole = unite(whole, list[n].sessionSpan)
		n++
	}
	tally(&c.total, whole.lost)
	part := list[:n]
	slices.SortStableFunc(part, func(a, b ownedSpan) int { return cmp.Compare(a.partition, b.partition) })
	for i, s := range part {
		if i == 0 || s.partition != part[i-1].partition {
			lost := false
			for _, o := range part[i:] {
				lost = lost || o.partition == s.partition && o.lost
			}
			tally(&c.parts[s.partition], lost)
		}
	}
	return n
}

func tally(counts *[2]int64, lost bool) {
	counts[0]++
	if lost {
		counts[1]++
	}
}
