package operator

import (
	"fmt"
	"math"

	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// idling is what the rule "operator" makes of partitions that fall silent: it
// stamps rows with the frontier of all partitions that are awake, just before each
// row, instead of that of the row's own. Processing time is the latest append time
// of any partition; it decides who is silent, so that answers depend on how
// partitions interleave. A row wakes its partition before it is judged, and what
// has been silent for long enough at that moment is idle before that.
//
// By "across: max" the frontier is the greatest of any partition instead, and by
// "move: batch" it is that of an earlier moment.
type idling struct {
	least  *watermark.Combiner  // of frontiers: all partitions have the same bound
	silent *watermark.Countdown // or nil: none is ever idle
	now    int64
	begun  bool // a record was there, and now is its time
	due    []int32
	asleep []int
	align  *aligning   // or nil: no partition is ever paused
	max    bool        // across: max
	batch  *microbatch // or nil
}

func newIdling(partitions int, after, drift int64) *idling {
	g := &idling{least: watermark.NewCombiner(partitions), now: column.NoFrontier}
	if drift > 0 {
		g.align = newAligning(drift, partitions)
	}
	if after > 0 {
		g.silent = watermark.NewCountdown(partitions, after, column.NoFrontier)
	}
	return g
}

// stamp rewrites the frontiers of a batch, which are its partition's own, after
// being that behind its last row.
func (g *idling) stamp(b *column.Batch, after int64) {
	p := int(b.Partition)
	for row := range b.Rows {
		g.arrive(p, b.Appends[row])
		own := after
		if row+1 < b.Rows {
			own = b.Frontiers[row+1]
		}
		b.Frontiers[row] = g.frontier()
		g.advance(p, own)
	}
}

// gather makes it, when it is new, combine partitions and move as a strategy says.
func (g *idling) gather(spec watermark.Spec) {
	if g.max = spec.Across == watermark.Max; g.max {
		g.silent = nil // nobody is waited for
	}
	if spec.InBatches() {
		g.batch = newMicrobatch(spec)
	}
}

// frontier is the one by which rows are stamped.
func (g *idling) frontier() int64 {
	if g.batch != nil {
		return g.batch.used
	}
	return g.together()
}

// together is the frontier of all partitions now.
func (g *idling) together() int64 {
	if g.max {
		return g.least.Greatest()
	}
	return g.least.Least()
}

// arrive moves processing time to that of a record, and wakes its partition.
func (g *idling) arrive(partition int, at int64) {
	if g.batch != nil {
		g.batch.arrive(at, g.together())
	}
	if g.silent == nil {
		return
	}
	if !g.begun { // all begin to be silent when something happens at all
		g.begun = true
		for p := range g.least.Len() {
			g.silent.Record(p, at)
		}
	}
	g.pass(at)
	g.least.Wake(partition)
	g.silent.Record(partition, g.now)
	g.settle(partition, g.now)
}

// advance raises a partition's frontier.
func (g *idling) advance(partition int, frontier int64) {
	g.least.Advance(partition, frontier)
	g.settle(partition, g.now)
}

// pass moves processing time on without a record.
func (g *idling) pass(at int64) {
	if g.silent == nil || !g.begun {
		return
	}
	g.now = max(g.now, at)
	// Whoever has fallen silent since the record before did so at moments of their
	// own, and those who are still awake then decide how far the rest may go.
	for moment := g.silent.Next(); moment <= g.now && moment != math.MaxInt64; moment = g.silent.Next() {
		g.due = g.silent.Due(moment, g.due[:0])
		g.asleep = g.asleep[:0]
		for _, p := range g.due {
			g.asleep = append(g.asleep, int(p))
		}
		g.least.Idle(g.asleep...)
		g.settle(-1, moment)
	}
}

// appendTo appends the state.
//
//	version 1 · begun · time · combiner · countdown and micro-batch, if there is one
func (g *idling) appendTo(b []byte) []byte {
	begun := byte(0)
	if g.begun {
		begun = 1
	}
	b = appendInt(append(b, formatVersion, begun), g.now)
	b = g.least.AppendTo(b)
	if g.silent != nil {
		b = g.silent.AppendTo(b)
	}
	if g.batch != nil {
		b = g.batch.appendTo(b)
	}
	return b
}

func (g *idling) load(b []byte) (rest []byte, err error) {
	d := decoder{b: b}
	d.version("idleness")
	g.begun = d.below(2, "begun") == 1
	if g.now = d.int(); d.err != nil {
		return nil, d.err
	}
	if b, err = g.least.Load(d.b); err == nil && g.silent != nil {
		b, err = g.silent.Load(b)
	}
	if err == nil {
		err = g.realign()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	if g.batch != nil {
		return g.batch.load(b)
	}
	return b, nil
}
