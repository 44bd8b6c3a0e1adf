package oracle

import (
	"math/big"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
)

// fate is what becomes of a (row, window) pair.
type fate uint8

const (
	onTime fate = iota
	revised
	dropped
)

// frontiers is the greatest event time that each partition has shown; nil while
// it has shown none. Everything is in integers without bounds, so that nothing
// has to saturate.
type frontiers struct {
	spec     *watermark.Spec
	greatest []*big.Int
	presence *presence // or nil: all partitions always take part
	promises *promises // or nil: greatest is what partitions promise
	marker   expr.Expr // or nil
	schema   column.Schema
	batches  []microBatch // that have begun, where there are micro-batches
	rows     int64        // that have arrived
	late     bool         // the row that arrived last is, by the least watermark
}

func newFrontiers(p *flow.Pipeline, in *Input) *frontiers {
	partitions := in.Partitions
	f := &frontiers{spec: &p.Watermark, greatest: make([]*big.Int, partitions), marker: p.Marker, schema: in.Schema}
	switch f.spec.Kind {
	case watermark.Punctuated, watermark.Percentile, watermark.PerKey, watermark.Completeness, watermark.Adaptive:
		f.promises = newPromises(f.spec, partitions)
	}
	if p.Watermark.Across != watermark.Max && (p.IdleAfter > 0 || p.AlignDrift > 0) {
		f.presence = newPresence(p.IdleAfter, p.AlignDrift, partitions)
	}
	return f
}

// arrive lets the partitions know that a record has come, before it is judged.
func (f *frontiers) arrive(r *Row) {
	f.batch(r)
	if f.presence != nil {
		f.presence.arrive(r)
	}
	w := f.least()
	f.late = w != nil && w.Cmp(big.NewInt(r.Time)) > 0
}

// ahead tells whether a row lies more than ahead_max after its append time.
func (f *frontiers) ahead(r *Row) bool {
	if f.spec.AheadMax <= 0 {
		return false
	}
	by := new(big.Int).Sub(big.NewInt(r.Time), big.NewInt(r.Append))
	return by.Cmp(big.NewInt(f.spec.AheadMax)) > 0
}

// mark is what the strategy looks at in a row, if at anything.
func (f *frontiers) mark(r *Row) (column.Value, error) {
	if f.marker == nil {
		return column.Value{}, nil
	}
	return evaluate(f.marker, f.schema, r.Values)
}

// show lets a partition's frontier know of a row.
func (f *frontiers) show(r *Row, mark column.Value) {
	if r.Idle && f.spec.Across == watermark.Max {
		return // it says that others need not wait, and none does
	}
	t := big.NewInt(r.Time)
	if f.promises != nil && !r.Idle {
		t = f.promises.after(r, mark, f.late)
	}
	if g := f.greatest[r.Partition]; less(g, t) {
		f.greatest[r.Partition] = t
	}
	f.tell(r)
}

// tell lets all know what a record's partition has shown, which a record that
// itself counts for nothing does, too.
func (f *frontiers) tell(r *Row) {
	if g := f.greatest[r.Partition]; f.presence != nil && g != nil {
		f.presence.tell(r.Partition, g)
	}
}

// of is the watermark of one partition, nil while there is none.
func (f *frontiers) of(partition int32) *big.Int {
	g := f.greatest[partition]
	if g == nil {
		return nil
	}
	return new(big.Int).Sub(g, f.bound())
}

// bound is how far watermarks lie behind frontiers.
func (f *frontiers) bound() *big.Int {
	if f.spec.Kind == watermark.PerKey { // its promise is the watermark
		return new(big.Int)
	}
	return big.NewInt(f.spec.Bounded)
}

// least is the watermark of all partitions, nil while there is none: the least, or what
// else the pipeline says.
func (f *frontiers) least() *big.Int {
	all := f.together()
	if f.spec.InBatches() {
		all = f.between()
	}
	if all == nil {
		return nil
	}
	return new(big.Int).Sub(all, f.bound())
}

// together is the frontier of all partitions now.
func (f *frontiers) together() *big.Int {
	if f.presence != nil {
		return f.presence.all
	}
	var all *big.Int
	for p, g := range f.greatest {
		switch {
		case f.spec.Across == watermark.Max:
			if less(all, g) {
				all = g
			}
		case p == 0 || less(g, all):
			all = g
		}
	}
	return all
}

// tooOld tells, where lateness is tested per element, whether the watermark has passed a
// row's own time by more than is allowed.
func tooOld(late flow.Late, w *big.Int, t int64) bool {
	if !late.PerElement || w == nil {
		return false
	}
	behind := new(big.Int).Sub(w, big.NewInt(t))
	return behind.Cmp(big.NewInt(late.Allowed)) > 0
}

// judge compares a watermark with a window's end and the allowed lateness.
func judge(w *big.Int, end, allowed int64) fate {
	if w == nil {
		return onTime
	}
	late := new(big.Int).Sub(w, big.NewInt(end)) // how far the watermark is past the end
	switch {
	case late.Sign() < 0:
		return onTime
	case late.Cmp(big.NewInt(allowed)) < 0:
		return revised
	}
	return dropped
}
