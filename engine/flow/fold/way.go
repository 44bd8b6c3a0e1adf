package fold

import (
	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Way is how the answers of a batch layer and of a speed layer become one.
type Way uint8

// The ways.
const (
	Merge   Way = iota // accumulators of both are added for each (key, window)
	Replay             // the speed layer goes on from the state that the batch layer had at its cut
	Neither            // answers are no function of a cut
)

// String is the way's name.
func (w Way) String() string {
	switch w {
	case Merge:
		return "merge"
	case Replay:
		return "replay"
	}
	return "neither"
}

// Choose says which way a plan over so many partitions is served, and why if it is not
// by merging.
func Choose(plan *flow.Plan, partitions int) (way Way, why string) {
	p := plan.Pipeline
	mark := p.Watermark
	switch {
	case plan.Trigger != nil && !plan.Trigger.Plain():
		return Neither, "a trigger's panes depend on how partitions interleave, so that they do not follow from a cut"
	case mark.InBatches():
		return Neither, "a watermark that moves between micro-batches does not follow from a cut, which does not say where in a batch it lies"
	case p.Late.Rule == flow.Operator && mark.Across != watermark.Own && partitions > 1:
		return Neither, "late rows judged by the operator's watermark, over several partitions, do not follow from a cut"
	case p.Late.Rule == flow.Operator:
		return Replay, "lateness is judged by the operator's watermark"
	case mark.Kind != watermark.BoundedDisorder && mark.Kind != watermark.Monotonic:
		return Replay, "a watermark that is " + mark.Kind.String() + " follows from more of a partition's past than its greatest event time, which is what a cut tells"
	case len(plan.After) > 0:
		return Replay, "windows over results change with every result that is taken back"
	}
	switch plan.Window.Kind {
	case window.Tumbling, window.Hopping, window.Calendar, window.Global:
		return Merge, ""
	}
	return Replay, "the rows on both sides of a cut make " + plan.Window.Kind.String() + " windows together"
}

// Watermark is the one at a cut whose frontiers are given that completes the windows of
// a partition: the least over all, or, across own, the partition's. When all partitions
// have ended it is watermark.End.
func Watermark(spec watermark.Spec, frontiers []int64, partition int32) int64 {
	ended, least := true, watermark.End
	for p, f := range frontiers {
		ended = ended && f == watermark.End
		if spec.Across != watermark.Own || int32(p) == partition {
			least = min(least, spec.Watermark(f))
		}
	}
	if ended {
		return watermark.End
	}
	return least
}
