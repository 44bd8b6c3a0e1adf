package operator

import (
	"math"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// inputs is what every operator with windows knows of the partitions it reads: how
// far each has come, what became of its rows, and the watermark of them all.
type inputs struct {
	mark      watermark.Spec
	late      flow.Late
	combined  bool    // frontiers are the operator's
	frontiers []int64 // by partition
	least     *watermark.Combiner
	counts    []Counts // by partition
	closed    bool
}

func newInputs(c *Config) inputs {
	in := inputs{
		mark: c.Watermark, late: c.Late, combined: c.Combined,
		frontiers: make([]int64, c.Partitions), least: watermark.NewCombiner(c.Partitions),
		counts: make([]Counts, c.Partitions),
	}
	for i := range in.frontiers {
		in.frontiers[i] = column.NoFrontier
	}
	return in
}

// laneCount is one lane for all partitions; across own, one for each.
func (in *inputs) laneCount() int {
	if in.mark.Across == watermark.Own {
		return len(in.frontiers)
	}
	return 1
}

// Counts is what became of a partition's rows so far.
func (in *inputs) Counts(partition int) Counts { return in.counts[partition] }

// tooOld tells whether a row is too late whatever its windows, lateness being tested
// per element.
func (in *inputs) tooOld(w, t int64) bool {
	return in.late.PerElement && w > t && uint64(w)-uint64(t) > uint64(in.late.Allowed)
}

// others is the least frontier of the other partitions where the operator's own
// watermark judges, else none.
func (in *inputs) others(partition int) int64 {
	least := int64(math.MaxInt64)
	if in.late.Rule != flow.Operator || in.mark.Across == watermark.Own || in.combined {
		return least
	}
	for p, f := range in.frontiers {
		if p != partition {
			least = min(least, f)
		}
	}
	return least
}

// appendTo appends the state behind the format's version.
//
//	closed · partitions
//	each: frontier · rows · behind · dropped · pairs on time, revised, dropped
func (in *inputs) appendTo(b []byte) []byte {
	b = append(b, 0)
	if in.closed {
		b[len(b)-1] = 1
	}
	b = appendUint(b, uint64(len(in.frontiers)))
	for p, f := range in.frontiers {
		b = appendInt(b, f)
		for _, n := range in.counts[p].fields() {
			b = appendUint(b, uint64(*n))
		}
	}
	return b
}

// load reads what appendTo wrote.
func (in *inputs) load(d *decoder) {
	in.closed = d.below(2, "closed") == 1
	if n := d.count(); n != len(in.frontiers) {
		d.fail("%d partitions, want %d", n, len(in.frontiers))
	}
	for p := range in.frontiers {
		in.frontiers[p] = d.int()
		for _, n := range in.counts[p].fields() {
			*n = int64(d.uint())
		}
		mark := in.mark.Watermark(in.frontiers[p])
		if in.closed {
			mark = watermark.End
		}
		in.least.Advance(p, mark)
	}
}
