package cluster

import (
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
	"parallax/sim"
)

// Publication is a span as readers of the view see it: from At on, when the view has
// made it durable, each of its rows stands in place of what was said of its key and
// window before.
type Publication struct {
	At        engine.Instant
	Cut       []protocol.Cut // at which the view stands then
	Watermark int64          // of the job there, µs
	Rows      []serving.Row  // one without accumulators stands no more
}

// OnPublish has f called with every publication, in order. It does not change the run.
// A view that comes back from a crash may show spans for the first time that were
// written and not yet known to be durable: they are published when it is back.
func (d *Deployment) OnPublish(f func(*Publication)) {
	t := &tap{d: d, tell: f}
	d.OnTrace(t.note)
	d.OnStep(t.look)
}

// tap follows one view from outside: what it is sent, when its cut moves, and when that
// is durable.
type tap struct {
	d      *Deployment
	tell   func(*Publication)
	server *serving.View      // the incarnation that was last looked at
	cut    []protocol.Cut     // that it stood at then
	spans  []*serving.Publish // that were sent to it and not applied, with the rows of all parts
	shown  []applied          // applied, not yet durable
	moved  bool               // something has happened to the view since
}

// applied is a span that waits for the persists up to an index.
type applied struct {
	Publication
	index uint64
}

// note gathers the parts of spans as they reach the view.
func (t *tap) note(r sim.Trace) {
	if r.To != t.d.view {
		return
	}
	t.moved = true
	if r.Op != "message" || r.From == t.d.view {
		return
	}
	m, err := decode(r.Kind, slices.Clone(r.Data)) // the rows are kept, the message is not to be
	if err != nil {
		return
	}
	p, ok := m.(serving.Publish)
	if !ok || len(p.Lower) == 0 {
		return
	}
	same := func(s *serving.Publish) bool {
		return s.Request == p.Request && s.Epoch == p.Epoch && slices.Equal(s.Upper, p.Upper)
	}
	at := slices.IndexFunc(t.spans, same)
	if at < 0 {
		p.Part++ // from here on, how many parts there are
		if p.Part == 1 {
			t.spans = append(t.spans, &p)
		}
		return
	}
	if s := t.spans[at]; p.Part == s.Part {
		s.Rows, s.Part = append(s.Rows, p.Rows...), s.Part+1
	}
}

// look sees whether the view has moved, and whether that is durable.
func (t *tap) look(w *sim.World) error {
	if !t.moved {
		return nil
	}
	t.moved = false
	v, ok := w.Actor(t.d.view).(*serving.View)
	if !ok {
		return nil
	}
	cut, mark := v.Cut()
	switch {
	case v != t.server:
		t.server = v
		t.back(cut, w.Now())
	case !slices.Equal(cut, t.cut):
		t.apply(cut, mark, w.Usage(t.d.view).Issued)
	}
	t.cut = slices.Clone(cut)
	durable := w.Durable(t.d.view)
	for len(t.shown) > 0 && t.shown[0].index <= durable {
		t.publish(w.Now())
	}
	return nil
}

// apply notes the span that has brought the view to a cut.
func (t *tap) apply(cut []protocol.Cut, mark int64, index uint64) {
	at := slices.IndexFunc(t.spans, func(s *serving.Publish) bool {
		return slices.Equal(s.Lower, t.cut) && slices.Equal(s.Upper, cut) && s.Part >= max(1, s.Parts)
	})
	if at < 0 { // a defect: the checker has its own say about that
		return
	}
	t.shown = append(t.shown, applied{Publication{Cut: slices.Clone(cut), Watermark: mark, Rows: t.spans[at].Rows}, index})
	t.spans = t.spans[:0] // what else was sent begins at a cut that is no more
}

// back is for a view that has come back: what it has kept is durable, the rest is gone.
func (t *tap) back(cut []protocol.Cut, now engine.Instant) {
	kept := slices.IndexFunc(t.shown, func(a applied) bool { return slices.Equal(a.Cut, cut) }) + 1
	for range kept {
		t.publish(now)
	}
	t.shown, t.spans = t.shown[:0], t.spans[:0]
}

// publish tells of the oldest span that waits.
func (t *tap) publish(now engine.Instant) {
	t.shown[0].At = now
	t.tell(&t.shown[0].Publication)
	t.shown = t.shown[1:]
}
