package operator

import (
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// Reject is a row that lies too far in the future of its append time.
type Reject struct {
	Partition    int32
	Offset       int64
	Time, Append int64 // µs
}

// Entry is where rows enter a job. It stamps every row with its partition's
// frontier just before it, over all rows of the log before any filter, and takes
// out the rows that are too far in the future, which must not move the frontier.
type Entry struct {
	spec      watermark.Spec
	frontiers []int64 // by partition
	rejected  []int64
	ahead     []int32
	selection []int32
	rejects   []Reject
}

// NewEntry is an entry for so many partitions, none of which has shown a row.
func NewEntry(spec watermark.Spec, partitions int) *Entry {
	e := &Entry{spec: spec, frontiers: make([]int64, partitions), rejected: make([]int64, partitions)}
	for i := range e.frontiers {
		e.frontiers[i] = column.NoFrontier
	}
	return e
}

// Stamp sets b.Frontiers, reusing its memory, and, if rows are rejected,
// b.Select, in the Entry's memory. The batch is the next one of its partition,
// without a selection.
func (e *Entry) Stamp(b *column.Batch) {
	b.Frontiers = resize(b.Frontiers, b.Rows)
	e.rejects = e.rejects[:0]
	p := b.Partition
	e.frontiers[p], e.ahead = e.spec.Stamp(e.frontiers[p], b.Times, b.Appends, b.Frontiers, e.ahead[:0])
	if len(e.ahead) == 0 {
		return
	}
	e.rejected[p] += int64(len(e.ahead))
	e.selection = resize(e.selection, 0)
	next := 0
	for row := range b.Rows {
		if next == len(e.ahead) || int(e.ahead[next]) != row {
			e.selection = append(e.selection, int32(row))
			continue
		}
		next++
		e.rejects = append(e.rejects, Reject{
			Partition: p, Offset: b.Offset + int64(row), Time: b.Times[row], Append: b.Appends[row],
		})
	}
	b.Select = e.selection
}

// Idle takes in an idle record of a partition, which carries a frontier: later
// rows are stamped with no less.
func (e *Entry) Idle(partition int, frontier int64) {
	e.frontiers[partition] = max(e.frontiers[partition], frontier)
}

// Frontier is a partition's frontier behind all its rows so far.
func (e *Entry) Frontier(partition int) int64 { return e.frontiers[partition] }

// Rejected counts a partition's rejected rows.
func (e *Entry) Rejected(partition int) int64 { return e.rejected[partition] }

// Rejects lists the rows that the last Stamp rejected, in their order, until the
// next.
func (e *Entry) Rejects() []Reject { return e.rejects }
