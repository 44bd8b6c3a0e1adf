package story

import (
	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
)

// drawStrategy has the partitions of every fifth story promise something else than
// their greatest event times.
func drawStrategy(d draws, p *flow.Pipeline, t times) {
	if !d.chance(5) {
		return
	}
	w, marker := watermark.Spec{Across: p.Watermark.Across, AheadMax: p.Watermark.AheadMax}, ""
	switch d.IntN(3) {
	case 0:
		w.Kind, marker = watermark.Punctuated, pick(d, "value % 5 = 0", "tag is null", "price > 0")
		w.Bounded = t.scale * pick[int64](d, 0, 200_000)
	case 1:
		w.Kind, w.Millionths = watermark.Percentile, pick[int32](d, 500_000, 900_000, 990_000, 1_000_000)
		w.Bounded = t.scale * pick[int64](d, 0, 200_000)
	default:
		w.Kind, marker = watermark.PerKey, pick(d, "key", "tag", "value")
		w.Bounded = t.scale * pick[int64](d, 300_000, 1_000_000)
	}
	if p.Watermark = w; marker != "" {
		p.Marker = parse(marker)
	}
}

// quiet keeps brokers from writing idle records where they do not know what
// partitions promise.
func (s *Story) quiet() {
	if k := s.Pipeline.Watermark.Kind; k != watermark.BoundedDisorder && k != watermark.Monotonic {
		s.Sizes.IdleAfter = 0
	}
}
