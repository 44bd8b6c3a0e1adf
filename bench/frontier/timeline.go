package frontier

import (
	"container/heap"
	"math"
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
type timeline struct {
	chunks []chunk
	end    moment // the last
	grain  int64  // µs; only multiples are asked for; 0: any time
}

// chunk is some moments, as what they lie behind its first.
type chunk struct {
	first moment
	rises []rise
}

// rise is a moment of a chunk; its first one's is zero.
type rise struct{ frontier, at uint32 } // µs

const chunkMoments = 1 << 14

// last is the frontier at the end.
func (l *timeline) last() int64 {
	if len(l.chunks) == 0 {
		return column.NoFrontier
	}
	return l.end.frontier
}

// add appends a moment; one at the same instant as the last takes its place.
func (l *timeline) add(m moment) {
	n := len(l.chunks)
	if n == 0 {
		l.begin(m, 64)
		return
	}
	c := &l.chunks[n-1]
	if m.at == l.end.at {
		if len(c.rises) == 1 {
			c.first, l.end = m, m
			return
		}
		c.rises = c.rises[:len(c.rises)-1]
	}
	l.end = m
	up, later := uint64(m.frontier)-uint64(c.first.frontier), uint64(m.at)-uint64(c.first.at)
	if len(c.rises) == cap(c.rises) || (up|later)>>32 != 0 {
		l.begin(m, chunkMoments)
		return
	}
	c.rises = append(c.rises, rise{uint32(up), uint32(later)})
}

// beyond is the greatest frontier that tells nothing new behind another.
func (l *timeline) beyond(frontier int64) int64 {
	if l.grain < 2 || frontier > math.MaxInt64-l.grain {
		return frontier
	}
	over := frontier % l.grain
	if over < 0 {
		over += l.grain
	}
	return frontier - over + l.grain - 1
}

// addAll appends the frontiers that are greater than all before them.
func (l *timeline) addAll(frontiers, at []int64) {
	last := l.beyond(l.last())
	at = at[:len(frontiers)]
	for i := 0; i < len(frontiers); i++ {
		if frontiers[i] <= last {
			continue
		}
		l.add(moment{frontiers[i], at[i]})
		last = l.beyond(frontiers[i])
		// What follows in the same chunk needs no more than this.
		c := &l.chunks[len(l.chunks)-1]
		rises, first, then := c.rises, c.first, l.end.at
		for i++; i < len(frontiers); i++ {
			if frontiers[i] <= last {
				continue
			}
			up, later := uint64(frontiers[i])-uint64(first.frontier), uint64(at[i])-uint64(first.at)
			if at[i] == then || len(rises) == cap(rises) || (up|later)>>32 != 0 {
				i--
				break
			}
			l.end = moment{frontiers[i], at[i]}
			last, then = l.beyond(frontiers[i]), at[i]
			rises = append(rises, rise{uint32(up), uint32(later)})
		}
		c.rises = rises
	}
}

// begin begins a chunk with a moment.
func (l *timeline) begin(m moment, size int) {
	l.end = m
	l.chunks = append(l.chunks, chunk{m, append(make([]rise, 0, size), rise{})})
}

// moment is the i-th of the chunk.
func (c *chunk) moment(i int) moment {
	return moment{c.first.frontier + int64(c.rises[i].frontier), c.first.at + int64(c.rises[i].at)}
}

// last is the greatest frontier of the chunk.
func (c *chunk) last() int64 { return c.moment(len(c.rises) - 1).frontier }

// reached is when the frontier was at least x for the first time.
func (l *timeline) reached(x int64) (at int64, ok bool) {
	var f finger
	return f.seek(l, x)
}

// finger is a place in a timeline from which greater frontiers are looked for.
type finger struct{ chunk, at int }

// seek is reached, for an x not less than the last time: it takes the longer the more
// moments lie between.
func (f *finger) seek(l *timeline, x int64) (at int64, ok bool) {
	if f.chunk < len(l.chunks) && l.chunks[f.chunk].last() < x {
		rest := l.chunks[f.chunk:]
		f.chunk, f.at = f.chunk+sort.Search(len(rest), func(i int) bool { return rest[i].last() >= x }), 0
	}
	if f.chunk == len(l.chunks) {
		return 0, false
	}
	c := &l.chunks[f.chunk]
	if x > c.first.frontier {
		up := uint64(x) - uint64(c.first.frontier) // fits, as the chunk's last is not less than x
		f.at = gallop(f.at, len(c.rises), func(i int) bool { return uint64(c.rises[i].frontier) >= up })
	}
	return c.moment(f.at).at, true
}

// gallop is the least i of [from, n) with is(i), which holds from there on: it looks
// at places ever farther on, and between the last two.
func gallop(from, n int, is func(i int) bool) int {
	step := 1
	for from < n && !is(from) {
		if from+step >= n || is(from+step) {
			from++
			return from + sort.Search(min(step, n-from), func(i int) bool { return is(from + i) })
		}
		from += step
		step *= 2
	}
	return from
}

// combine is the timeline of the least frontier over several.
func combine(lines []timeline) timeline {
	if len(lines) == 1 {
		return lines[0]
	}
	least := watermark.NewCombiner(len(lines))
	var q cursors
	for p := range lines {
		if len(lines[p].chunks) > 0 {
			q = append(q, cursor{line: &lines[p], partition: p})
		}
	}
	heap.Init(&q)
	var out timeline
	for len(q) > 0 {
		c := &q[0]
		m, _ := c.moment()
		if f, grew := least.Advance(c.partition, m.frontier); grew {
			out.add(moment{f, m.at})
		}
		c.next()
		if _, ok := c.moment(); ok {
			heap.Fix(&q, 0)
		} else {
			heap.Pop(&q)
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

// moment is the one at the cursor; ok is false at the end.
func (c *cursor) moment() (m moment, ok bool) {
	if c.chunk == len(c.line.chunks) {
		return m, false
	}
	return c.line.chunks[c.chunk].moment(c.at), true
}

func (c *cursor) next() {
	if c.at++; c.at == len(c.line.chunks[c.chunk].rises) {
		c.chunk, c.at = c.chunk+1, 0
	}
}

// cursors is a heap by the instants of their moments.
type cursors []cursor

func (q cursors) Len() int      { return len(q) }
func (q cursors) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *cursors) Push(x any)   { *q = append(*q, x.(cursor)) }

func (q cursors) Less(i, j int) bool {
	a, _ := q[i].moment()
	b, _ := q[j].moment()
	return a.at < b.at
}

func (q *cursors) Pop() any {
	last := len(*q) - 1
	c := (*q)[last]
	*q = (*q)[:last]
	return c
}
