package operator

import (
	"math"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// A late row of a window next to the end of time, whose trigger never tells of late
// rows: nothing more is due whatever the watermark, and the state is one.
func TestVectorTriggeredSavedAtTheEnd(t *testing.T) {
	count, err := expr.ParseCall("count()")
	if err != nil {
		t.Fatal(err)
	}
	spec := window.Tumble(5000, 0)
	const end = math.MaxInt64 / 5000 * 5000 // of the last window
	p := &flow.Pipeline{
		Late: flow.Late{Rule: flow.Operator, Allowed: 7000, PerElement: true}, Watermark: watermark.Spec{Across: watermark.Own},
		Steps: []flow.Step{
			{Window: &spec}, {Trigger: &trigger.Spec{LateNever: true}}, {Aggregates: []flow.Aggregate{{Name: "n", Call: count}}},
		},
	}
	plan, err := p.Plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	path := NewPath(plan, 1)
	b := column.Batch{Rows: 2, Times: []int64{end, end - 1000}, Appends: []int64{1, 2}}
	if err := path.Process(&b); err != nil {
		t.Fatal(err)
	}
	path.Idle(0, math.MaxInt64) // as a log ends
	saved := path.AppendTo(nil)
	if rest, err := NewPath(plan, 1).Load(saved); err != nil || len(rest) != 0 {
		t.Errorf("%v, %d bytes left", err, len(rest))
	}
}
