package oracle

import (
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// TestDifferentialAdaptive: over logs whose disorder changes, by both rules, both
// sides agree, and that changes are seen matters.
func TestDifferentialAdaptive(t *testing.T) {
	matters := false
	for seed := range uint64(4) {
		p := counting(window.Tumble(1000, 0), 0, 2000)
		p.Watermark = watermark.Spec{Kind: watermark.Adaptive, Millionths: []int32{700_000, 950_000, 1_000_000}[seed%3]}
		if seed%2 == 0 {
			p.Late.Rule = flow.Operator
		}
		in := disordered(seed, 1+int(seed)%2, 600)
		for i := range in.Rows { // a third in the middle is in order
			if r := &in.Rows[i]; i > 200 && i < 400 {
				r.Time = int64(i) * 100
			}
		}
		f := feed{lengths: []int{1 + int(seed), 3}, drains: []bool{true, false}, saves: []bool{false, false, true, false, false}, segments: []bool{false}}
		if diff := differ(t, runner{trial: trial{pipeline: p, input: in}, feed: f}); diff != "" {
			t.Fatalf("seed %d: - oracle, + operators:\n%s", seed, diff)
		}
		blind := func(p *flow.Pipeline) *flow.Pipeline {
			q := *p
			q.Watermark.Kind = watermark.Percentile
			return &q
		}
		matters = matters || caughtBy(runner{trial: trial{pipeline: p, input: in}, feed: f, tamper: blind}) != ""
	}
	if !matters {
		t.Error("a window that is never cut gives the same answers")
	}
}
