package story

import (
	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// drawSessions puts sessions in place of the windows of every fourth story, and
// leaves those before 1970 out in every fourth of the others.
func drawSessions(d draws, p *flow.Pipeline, t times) {
	if !d.chance(4) {
		for i := range p.Steps {
			if w := p.Steps[i].Window; w != nil {
				w.Clamp = d.chance(4)
			}
		}
		return
	}
	w := window.Sessions(t.scale*pick[int64](d, 100_000, 250_000, 600_000), window.Merge(d.IntN(2)))
	for i := range p.Steps {
		if p.Steps[i].Window != nil {
			p.Steps[i].Window = &w
		}
	}
}
