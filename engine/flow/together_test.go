package flow_test

import (
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
)

// TestVectorTogether: what is refused of watermarks that follow from all partitions
// together.
func TestVectorTogether(t *testing.T) {
	operator := flow.Late{Rule: flow.Operator}
	for want, p := range map[string]*flow.Pipeline{
		"watermark: a micro-batch is so many rows or a period, not both": {Watermark: watermark.Spec{BatchRows: 1, BatchEvery: 1}},
		"watermark: a micro-batch of less than nothing":                  {Watermark: watermark.Spec{BatchRows: -1}},
		"watermark.across: max waits for no partition, so that what is on time by the log would find its windows fired: use late: {rule: operator}": {
			Watermark: watermark.Spec{Across: watermark.Max},
		},
		"watermark.move: which rows are in a micro-batch depends on how partitions interleave, not on the log: use late: {rule: operator}": {
			Watermark: watermark.Spec{BatchRows: 5},
		},
		"watermark.move: a micro-batch is of all partitions, and across: own has no watermark of them all: use across: min or max": {
			Watermark: watermark.Spec{BatchRows: 5, Across: watermark.Own}, Late: operator,
		},
		"source.align: across: max has no least watermark that a partition could be ahead of": {
			Watermark: watermark.Spec{Across: watermark.Max}, Late: operator, AlignDrift: 1,
		},
		"source.align: micro-batches are of what arrives together, and a partition that waits would change that: use move: row": {
			Watermark: watermark.Spec{BatchRows: 5}, Late: operator, AlignDrift: 1,
		},
	} {
		p.Steps = []flow.Step{tumble(3600 * second), aggregate(t, "rows", "count()")}
		if _, err := p.Plan(retail); err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
