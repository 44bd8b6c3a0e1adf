package operator

import (
	"parallax/engine/flow/column"
	"parallax/engine/flow/waiting"
	"parallax/engine/flow/watermark"
)

// opening is a family of windows that can say which are open: it appends them in
// any order. A family that has it is one that `parallax why` can ask.
type opening interface {
	Open(list []waiting.Window) []waiting.Window
}

// Waiting tells what the path waits for, of what was processed so far.
func (p *Path) Waiting() waiting.Report {
	e, spec := p.entry, &p.plan.Pipeline.Watermark
	w := waiting.Report{Inputs: make([]waiting.Input, len(e.frontiers)), Holder: -1, Watermark: watermark.None}
	if len(w.Inputs) > 0 {
		w.Watermark = p.last.Watermark(0)
	}
	for i := range w.Inputs {
		w.Inputs[i] = e.waited(i)
		w.Inputs[i].Fires = p.last.Watermark(i)
	}
	switch {
	case e.idling != nil:
		w.Holder = e.idling.least.Holder()
	case spec.Across == watermark.Min:
		for i := range w.Inputs {
			if w.Holder < 0 || e.frontiers[i] < e.frontiers[w.Holder] {
				w.Holder = i
			}
		}
	}
	if family, ok := p.last.(opening); ok {
		w.Listed, w.Open = true, family.Open(nil)
		sortOpen(w.Open)
	}
	return w
}

// waited is what the entry knows of a partition.
func (e *Entry) waited(p int) waiting.Input {
	s := &e.sights[p]
	in := waiting.Input{
		Frontier: e.frontiers[p], Watermark: e.spec.Watermark(e.frontiers[p]), Newest: e.frontiers[p],
		Set: s.set, SetTime: s.setTime, SetAppend: s.setAppend, Next: s.next, Last: s.last, IdleAt: waiting.Never,
	}
	if e.progress != nil {
		in.Newest = e.progress[p].Newest()
		if key := e.progress[p].Slowest(); key != "" {
			in.Slowest, in.IsNull = key[1:], key[0] == 0
		}
	}
	if in.Frontier == column.NoFrontier {
		in.Watermark = watermark.None
	}
	if g := e.idling; g != nil {
		in.Idle, in.Behind, in.Paused = g.least.IsIdle(p), g.least.IsBehind(p), g.paused(p)
		if g.silent != nil && g.begun {
			in.IdleAt = g.silent.Ends(p)
		}
	}
	return in
}
