package lambda

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/serving"
	"parallax/sim/oracle"
)

// replayed tells whether a job's servers go on from a state.
func replayed(plan *flow.Plan, partitions int) bool {
	way, _ := fold.Choose(plan, partitions)
	return way == fold.Replay
}

// standing computes what a server of a job that is replayed must say at a cut: what a view
// shows that has been filled from the log's beginning. It knows watermarks that follow the
// greatest event time, and the rule log.
func (b *book) standing(j *Job, plan *flow.Plan, cut []protocol.Cut) (*exact, error) {
	in := oracle.Input{Schema: j.Schema, Partitions: len(b.parts), Rows: b.below(cut), Refuse: true}
	spec := j.Pipeline.Watermark
	x := &exact{frontiers: b.frontiers(spec, in.Rows)}
	marks := firing(spec, x.frontiers)
	in.Fired = marks
	result, err := oracle.Answer(j.Pipeline, in)
	if err != nil {
		return nil, err
	}
	x.watermark = slices.Min(marks)
	x.counted, x.missing = result.All.PairsOnTime+result.All.PairsRevised, result.All.PairsDropped
	if len(plan.After) > 0 {
		if w := plan.Window; w.Kind == window.Session && w.Merge == window.Touching && x.watermark > math.MinInt64 && x.watermark < math.MaxInt64 {
			x.watermark-- // one that ends there may still grow
		}
		for p := range marks {
			marks[p] = x.watermark
		}
	}
	last := plan.Last().Window.Kind
	x.unsure = len(plan.After) > 0 && plan.Window.Kind == window.Session
	for i := range result.Windows {
		w := &result.Windows[i]
		over := w.End
		if last == window.Counting {
			over = w.Last + 1
		}
		mark := x.watermark
		if spec.Across == watermark.Own && len(plan.After) == 0 {
			mark = marks[b.owner(j, &in, w)]
		}
		if w.Final == nil || last != window.Session && over > mark {
			continue
		}
		// A late row may make a sliding window in which there are rows on time alone.
		revised := w.RevisedPairs > 0 || last == window.Sliding && w.OnTime == nil
		x.rows = append(x.rows, exactRow{Result: serving.Result{
			Key: serving.AppendKey(nil, w.Key...), Start: w.Start, End: w.End, Revision: revised,
			Values: serving.AppendKey(nil, w.Final...),
		}})
	}
	slices.SortFunc(x.rows, func(a, b exactRow) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), bytes.Compare(a.Key, b.Key))
	})
	return x, nil
}

// firing is the watermark by which the windows of each partition's rows fire.
func firing(spec watermark.Spec, frontiers []int64) []int64 {
	marks := make([]int64, len(frontiers))
	for p, f := range frontiers {
		switch marks[p] = f - spec.Bounded; {
		case f == math.MaxInt64:
			marks[p] = f
		case f < math.MinInt64+spec.Bounded:
			marks[p] = math.MinInt64
		}
	}
	if spec.Across != watermark.Own {
		least := slices.Min(marks)
		for p := range marks {
			marks[p] = least
		}
	}
	return marks
}
