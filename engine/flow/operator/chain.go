package operator

import (
	"fmt"

	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// chain adds the stages after the first.
func (p *Path) chain() {
	if len(p.plan.After) == 0 {
		return
	}
	below, ok := p.last.(stage)
	if !ok {
		panic(fmt.Sprintf("operator: windows over results of %s windows", p.plan.Window.Kind)) // the plan refuses them
	}
	revised := p.plan.Pipeline.Late.Allowed > 0 || p.plan.Window.Kind == window.Session
	from := &p.first
	for i := range p.plan.After {
		l := newLink(&p.plan.After[i], below, from, revised)
		p.links = append(p.links, l)
		below, from = l, &l.intake
	}
}

// results is what makes rows of panes.
func (p *Path) results() *intake {
	if n := len(p.links); n > 0 {
		return &p.links[n-1].intake
	}
	return &p.first
}

// pump hands on, stage by stage, all that is due. It is false if that fails.
func (p *Path) pump() bool {
	if p.pumped || p.err != nil {
		return p.err == nil
	}
	for _, l := range p.links {
		if p.err = l.pump(); p.err != nil {
			return false
		}
	}
	p.pumped = true
	return true
}

// Watermark is the least by which windows fire that panes are of. Where they are over
// results, it is that of what Next has taken in.
func (p *Path) Watermark() int64 {
	if n := len(p.links); n > 0 {
		return p.links[n-1].watermark
	}
	least := int64(watermark.End)
	for part := range p.entry.frontiers {
		least = min(least, p.last.Watermark(part))
	}
	return least
}

// After tells of a stage after the first, numbered from 0: what became of the
// results that reached it, and how much it holds.
func (p *Path) After(i int) (stageCounts, Footprint) {
	l := p.links[i]
	f := l.onTime.State()
	if l.kept != nil {
		more := l.ledger.state()
		f.Windows, f.Slices, f.Slots = f.Windows+more.Windows, f.Slices+more.Slices, f.Slots+more.Slots
	}
	return l.counts, f
}
