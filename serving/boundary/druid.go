package boundary

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Timeline serves intervals by version (Apache Druid, VersionedIntervalTimeline): a
// moment is served by the highest version whose core set is complete there; lower
// ones are overshadowed. Replacing is atomic for each interval, not across them.
type Timeline struct{ chunks []*chunk }

// Interval is [From, To).
type Interval struct{ From, To int64 }

// chunk is one version of one interval.
type chunk struct {
	Interval
	version string
	core    int   // partitions 0 … core-1 must all be there
	parts   []int // that are, ascending
}

// Slot is what serves an interval.
type Slot struct {
	Interval
	Version string
	Parts   []int
}

// ErrOverlap is returned for an interval that cannot stand beside those of its version.
var ErrOverlap = errors.New("boundary: an interval is empty, or overlaps in part another one of its version")

// Add makes a partition of a version of an interval available; core is how many
// partitions that version needs to be complete. Later ones append to it.
func (t *Timeline) Add(at Interval, version string, partition, core int) error {
	if at.From >= at.To {
		return fmt.Errorf("%w: version %s, [%d, %d)", ErrOverlap, version, at.From, at.To)
	}
	for _, c := range t.chunks {
		if c.version != version || c.To <= at.From || at.To <= c.From {
			continue
		}
		if c.Interval != at {
			return fmt.Errorf("%w: version %s, [%d, %d) and [%d, %d)", ErrOverlap, version, c.From, c.To, at.From, at.To)
		}
		if i, found := slices.BinarySearch(c.parts, partition); !found {
			c.parts = slices.Insert(c.parts, i, partition)
		}
		return nil
	}
	t.chunks = append(t.chunks, &chunk{Interval: at, version: version, core: core, parts: []int{partition}})
	return nil
}

func (c *chunk) complete() bool {
	return len(c.parts) >= c.core && (c.core == 0 || c.parts[c.core-1] == c.core-1)
}

func (c *chunk) slot(at Interval) Slot {
	return Slot{Interval: at, Version: c.version, Parts: slices.Clone(c.parts)}
}

// Lookup is what serves an interval, piece by piece, ascending. Nothing serves the
// pieces that are left out.
func (t *Timeline) Lookup(at Interval) []Slot {
	edges := []int64{at.From, at.To}
	for _, c := range t.chunks {
		for _, e := range []int64{c.From, c.To} {
			if e > at.From && e < at.To {
				edges = append(edges, e)
			}
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var out []Slot
	var last *chunk
	for i := range len(edges) - 1 {
		piece := Interval{edges[i], edges[i+1]}
		best := t.best(piece)
		switch {
		case best == nil:
		case best == last && out[len(out)-1].To == piece.From:
			out[len(out)-1].To = piece.To
		default:
			out = append(out, best.slot(piece))
		}
		last = best
	}
	return out
}

// best is the highest complete version that holds a piece, or nil.
func (t *Timeline) best(piece Interval) *chunk {
	var best *chunk
	for _, c := range t.chunks {
		if c.From <= piece.From && piece.To <= c.To && c.complete() && (best == nil || strings.Compare(c.version, best.version) > 0) {
			best = c
		}
	}
	return best
}

// Handoff is how far a stream's partitions are in published segments, by partition. A
// task publishes its segments and its offsets in one transaction, which fails if it did
// not begin where the last one ended.
type Handoff struct{ Offsets []int64 }

// Task is what a task has read of one partition.
type Task struct {
	Partition  int
	Start, End int64
}

// ErrStart is returned to a task that began elsewhere: a replica that was slower, or
// one that lost its place.
var ErrStart = errors.New("boundary: the task did not begin where the last one ended")

// Publish moves the offsets of a task's partitions, or nothing.
func (h *Handoff) Publish(read ...Task) error {
	for _, r := range read {
		if h.Offsets[r.Partition] != r.Start {
			return fmt.Errorf("%w: partition %d: from %d, stored is %d", ErrStart, r.Partition, r.Start, h.Offsets[r.Partition])
		}
	}
	for _, r := range read {
		h.Offsets[r.Partition] = r.End
	}
	return nil
}

// Rejection is a task's rule for late messages: older than its creation by more than a
// period they are dropped. Dropped counts them, so that they are not lost silently.
type Rejection struct {
	Created, Period int64
	Dropped         int64
}

// Keeps tells whether a message of a time is kept.
func (r *Rejection) Keeps(t int64) bool {
	if t >= r.Created-r.Period {
		return true
	}
	r.Dropped++
	return false
}
