package frontier

import (
	"container/heap"
	"sort"

	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// moment is when a frontier had risen.
type moment struct {
	frontier, at int64 // µs
}

// timeline is the moments at which a frontier rose, in order, in chunks: there may be
// one for nearly every row, and growing one slice would copy them again and again.
type timeline struct{ chunks [][]moment }

const chunkMoments = 1 << 14

// last is the frontier at the end.
func (l *timeline) last() int64 {
	n := len(l.chunks)
	if n == 0 {
		return column.NoFrontier
	}
	c := l.chunks[n-1]
	return c[len(c)-1].frontier
}

// add appends a moment; one at the same instant as the last takes its place.
func (l *timeline) add(m moment) {
	n := len(l.chunks)
	if n == 0 || len(l.chunks[n-1]) == chunkMoments {
		size := chunkMoments
		if n == 0 {
			size = 64
		}
		l.chunks = append(l.chunks, make([]moment, 0, size))
		n++
	}
	c := &l.chunks[n-1]
	if k := len(*c); k > 0 && (*c)[k-1].at == m.at {
		(*c)[k-1].frontier = m.frontier
		return
	}
	*c = append(*c, m)
}

// reached is when the frontier was at least x for the first time.
func (l *timeline) reached(x int64) (at int64, ok bool) {
	i := sort.Search(len(l.chunks), func(i int) bool { c := l.chunks[i]; return c[len(c)-1].frontier >= x })
	if i == len(l.chunks) {
		return 0, false
	}
	c := l.chunks[i]
	return c[sort.Search(len(c), func(j int) bool { return c[j].frontier >= x })].at, true
}

// combine is the timeline of the least frontier over several.
func combine(lines []timeline) timeline {
	if len(lines) == 1 {
		return lines[0]
	}
	least := watermark.NewCombiner(len(lines))
	var q cursors
	for p := range lines {
		if c := (cursor{line: &lines[p], partition: p}); c.moment() != nil {
			q = append(q, c)
		}
	}
	heap.Init(&q)
	var out timeline
	for len(q) > 0 {
		c := &q[0]
		m := c.moment()
		if f, grew := least.Advance(c.partition, m.frontier); grew {
			out.add(moment{f, m.at})
		}
		if c.next(); c.moment() == nil {
			heap.Pop(&q)
		} else {
			heap.Fix(&q, 0)
		}
	}
	return out
}

// cursor is a place in a timeline.
type cursor struct {
	line      *timeline
	partition int
	chunk, at int
}

// moment is the one at the cursor, or nil at the end.
func (c *cursor) moment() *moment {
	if c.chunk == len(c.line.chunks) {
		return nil
	}
	return &c.line.chunks[c.chunk][c.at]
}

func (c *cursor) next() {
	if c.at++; c.at == len(c.line.chunks[c.chunk]) {
		c.chunk, c.at = c.chunk+1, 0
	}
}

// cursors is a heap by the instants of their moments.
type cursors []cursor

func (q cursors) Len() int           { return len(q) }
func (q cursors) Less(i, j int) bool { return q[i].moment().at < q[j].moment().at }
func (q cursors) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *cursors) Push(x any)        { *q = append(*q, x.(cursor)) }

func (q *cursors) Pop() any {
	last := len(*q) - 1
	c := (*q)[last]
	*q = (*q)[:last]
	return c
}
