package operator

import (
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
)

// nearby brings what the path is about to read of a batch into the nearer caches. The
// parts of the path walk one column each, and so wait for the memory of one after
// another; a short loop over all of them at once waits for several at a time. It is a
// matter of speed alone.
type nearby struct {
	columns []int // that the stage's keys and aggregates read; none behind filters and projections
	sink    uint64
}

const (
	lineWords = 8   // words of 8 bytes in a cache line
	pageWords = 512 // and in a page of memory
)

func newNearby(stage *flow.Stage) nearby {
	var n nearby
	if len(stage.Rows) > 0 { // who knows which rows are left, and of which columns
		return n
	}
	n.columns = slices.Clone(stage.Keys)
	for i := range stage.Aggregates {
		for _, p := range stage.Aggregates[i].Args {
			n.columns = p.Columns(n.columns)
		}
	}
	slices.Sort(n.columns)
	n.columns = slices.Compact(n.columns)
	return n
}

// fetch reads a word of every line of the batch's times and of the columns, two by two.
func (n *nearby) fetch(b *column.Batch) {
	times := b.Times[:b.Rows]
	for _, at := range n.columns {
		switch c := &b.Columns[at]; c.Type.Kind {
		case column.Int64, column.Timestamp:
			n.ints(times, c.Ints)
		case column.Float64:
			n.floats(times, c.Floats)
		default:
			continue
		}
		times = nil // they are near now
	}
}

func (n *nearby) ints(times, values []int64) {
	if times == nil {
		times = values
	}
	sink := int64(0)
	values = values[:len(times)]
	// Two pages of each at a time: the processor does not look beyond a page's end.
	for ; len(times) >= 2*pageWords; times, values = times[2*pageWords:], values[2*pageWords:] {
		t, u := times[:pageWords], times[pageWords:2*pageWords]
		v, w := values[:pageWords], values[pageWords:2*pageWords]
		for i := 0; i < pageWords; i += lineWords {
			sink ^= t[i] ^ u[i] ^ v[i] ^ w[i]
		}
	}
	for i := 0; i < len(times); i += lineWords {
		sink ^= times[i] ^ values[i]
	}
	n.sink ^= uint64(sink)
}

func (n *nearby) floats(times []int64, values []float64) {
	sink := int64(0)
	for i := 0; i < len(values); i += lineWords {
		if i < len(times) {
			sink ^= times[i]
		}
		if values[i] < 0 {
			sink++
		}
	}
	n.sink ^= uint64(sink)
}
