package scenarios

import (
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/scenarios/why"
)

// history is what has become of one window, or of the sessions in a stretch of time.
type history struct {
	spec       window.Spec
	start, end int64
	above      bool // its panes go on to other windows, and are not seen
	exact      bool // that window; else the sessions that have a time of it
	firings    []why.Firing
	late       []why.LateRow
	reached    *why.Cause // the watermark has come to the window's end
	freed      *why.Cause // and to where it is forgotten
	frees      int64      // the watermark at which the sessions that were seen are
	seen       bool
}

// covers tells whether a window is asked about.
func (h *history) covers(start, end int64) bool {
	if h.exact {
		return start == h.start && end == h.end
	}
	return start <= h.end && end > h.start
}

// pane takes in what fires.
func (h *history) pane(r *replay, p *operator.Pane, by why.Cause) {
	mark := p.Watermark
	by.Watermark = &mark
	shared := why.Firing{Kind: p.Kind.String(), By: by}
	for i, key := range p.Keys {
		start, end := p.Window(i)
		if !h.covers(start, end) || !r.wanted(key) {
			continue
		}
		if p.Starts == nil {
			shared.Start, shared.End = start, end
			shared.Keys++
			continue
		}
		f := shared
		f.Start, f.End, f.Key, f.Keys = start, end, r.keyValues(key), 1
		h.firings = append(h.firings, f)
		h.seen = true
	}
	if shared.Keys > 0 {
		h.firings = append(h.firings, shared)
	}
}

// dropped takes in the rows that came too late.
func (h *history) dropped(r *replay, drops []operator.Drop, by *why.Cause) {
	for i := range drops {
		d := &drops[i]
		for n := range int64(d.Dropped) {
			end := d.FirstEnd + n*h.spec.Every
			if !h.covers(h.spec.Start(end), end) || !r.wanted(d.Key) {
				continue
			}
			row := *by
			mark := d.Watermark
			row.Watermark = &mark
			h.late = append(h.late, why.LateRow{Key: r.keyValues(d.Key), MissedBy: window.Sub(d.Watermark, end), Row: row})
		}
	}
}

// passed takes in how far the watermark has come. Where each partition has its own
// there is no one moment.
func (h *history) passed(r *replay, by why.Cause) {
	if r.plan.Pipeline.Watermark.Across == watermark.Own {
		return
	}
	mark := r.path.Windowed().Watermark(0)
	by.Watermark = &mark
	if h.exact && h.reached == nil && mark >= h.end {
		c := by
		h.reached = &c
	}
	if h.exact {
		h.frees = window.Add(h.end, r.plan.Pipeline.Late.Allowed)
	} else if h.seen {
		h.seen = false
		for _, o := range r.path.Waiting().Open {
			if h.covers(o.Start, o.End) && r.wanted(o.Keys[0]) {
				h.frees, h.freed = max(h.frees, o.Frees), nil
			}
		}
	}
	if h.freed == nil && mark >= h.frees && (h.exact || len(h.firings) > 0) {
		c := by
		h.freed = &c
	}
}
