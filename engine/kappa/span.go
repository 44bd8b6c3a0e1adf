package kappa

import (
	"fmt"
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
)

// Timers of a worker. Inputs have one each, from timerInput on.
const (
	timerView uint64 = iota
	timerInput
)

// rows is the last row of each (key, window) among the panes of a span, in the
// order in which they first came.
type rows struct {
	list  []serving.Row
	place map[cell]int32
}

// cell is a (key, window), the key by its number.
type cell struct {
	key   uint32
	start int64
}

func (r *rows) len() int { return len(r.list) }

func (r *rows) put(key uint32, row serving.Row) {
	if r.place == nil {
		r.place = map[cell]int32{}
	}
	c := cell{key, row.Start}
	if at, ok := r.place[c]; ok {
		r.list[at] = row
		return
	}
	r.place[c] = int32(len(r.list))
	r.list = append(r.list, row)
}

func (r *rows) take() []serving.Row {
	list := r.list
	r.list = nil
	clear(r.place)
	return list
}

// flight is a publication on its way, in parts.
type flight struct {
	serving.Publish
	rows []serving.Row
	ends []int // of the parts in rows
}

// newFlight cuts the rows into parts of about size bytes.
func newFlight(p serving.Publish, rows []serving.Row, size int) *flight {
	f := &flight{Publish: p, rows: rows}
	bytes := 0
	for i := range rows {
		if n := rowBytes + len(rows[i].Key) + len(rows[i].Accumulators); bytes > 0 && bytes+n > size {
			f.ends, bytes = append(f.ends, i), n
		} else {
			bytes += n
		}
	}
	f.ends = append(f.ends, len(rows))
	f.Parts = uint32(len(f.ends))
	f.turn(0)
	return f
}

// rowBytes is what a row takes beside its key and accumulators.
const rowBytes = 25

// turn makes a part the one that is sent.
func (f *flight) turn(part uint32) {
	f.Part = part
	from := 0
	if part > 0 {
		from = f.ends[part-1]
	}
	f.Rows = f.rows[from:f.ends[part]]
}

// askView asks where the view stands.
func (w *Worker) askView(fx *engine.Effects) {
	w.requests++
	w.flight = newFlight(serving.Publish{Request: w.requests, Epoch: w.epoch}, nil, 0)
	w.sendFlight(fx)
}

// sendFlight sends the open publication, now and until it is answered.
func (w *Worker) sendFlight(fx *engine.Effects) {
	fx.SendEager(w.opts.View, w.flight.Publish)
	fx.After(timerView, w.opts.Retry, publishAgain{})
}

func (w *Worker) publishAgain(fx *engine.Effects) {
	if w.flight != nil {
		w.env.Sometimes("kappa.publish-again")
		w.sendFlight(fx)
	}
}

// publish sends the span from the view's cut to the one that was reached, unless
// one is on its way.
func (w *Worker) publish(fx *engine.Effects) {
	if w.silent || w.flight != nil || slices.Equal(w.view, w.reached) {
		return
	}
	w.requests++
	w.spans++
	p := serving.Publish{
		Request: w.requests, Epoch: w.epoch, Lower: slices.Clone(w.view), Upper: slices.Clone(w.reached),
		Watermark: w.watermark(),
	}
	rows := w.pending.take()
	if w.opts.Defect == DefectSkipSpan && w.spans%8 == 0 {
		rows = nil
	}
	w.flight = newFlight(p, rows, int(w.opts.Credit))
	w.saving.prepare(w)
	if w.opts.Defect == DefectEarlyCheckpoint {
		w.saving.commit(w, fx)
	}
	w.sendFlight(fx)
}

// published learns where the view stands.
func (w *Worker) published(m serving.Published, fx *engine.Effects) {
	if w.flight == nil || w.flight.Request != m.Request {
		return
	}
	p := w.flight
	switch {
	case m.Code == serving.Fenced:
		fx.Fatal = fmt.Errorf("%w: a later attempt has published", errState)
		return
	case len(m.Cut) != len(w.reached):
		fx.Fatal = fmt.Errorf("%w: the view has %d partitions, the job %d", errState, len(m.Cut), len(w.reached))
		return
	case len(p.Lower) == 0:
		w.flight = nil
		fx.Cancel(timerView)
		w.standAt(m.Cut, fx)
		return
	case m.Code == serving.Partial:
		if m.Next != p.Part && m.Next < p.Parts {
			p.turn(m.Next)
			w.sendFlight(fx)
		}
		return
	case m.Code != serving.OK || !slices.Equal(m.Cut, p.Upper):
		fx.Fatal = fmt.Errorf("%w: the view stands at %v, not at %v", errState, m.Cut, p.Lower)
		return
	}
	w.flight = nil
	fx.Cancel(timerView)
	w.view = p.Upper
	w.saving.commit(w, fx)
	if w.opts.Defect == DefectPublishTwice && w.spans%8 == 0 {
		w.view = p.Lower
	}
	w.publish(fx)
	w.readAll(fx)
}

// standAt begins to replay from the checkpoint to the view's cut.
func (w *Worker) standAt(cut []protocol.Cut, fx *engine.Effects) {
	w.view = slices.Clone(cut)
	if w.opts.Defect == DefectLoseState && !slices.Equal(cut, w.reached) {
		for i := range cut {
			w.path.Idle(i, cut[i].Frontier)
		}
		w.reached = slices.Clone(cut)
	}
	for i := range cut {
		if cut[i].Offset < w.reached[i].Offset {
			fx.Fatal = fmt.Errorf("%w: the checkpoint at %v is ahead of the view at %v", errState, w.reached, cut)
			return
		}
	}
	w.caughtUp(fx)
	w.readAll(fx)
}

// caughtUp ends the replay when the worker has reached exactly the view's cut.
func (w *Worker) caughtUp(fx *engine.Effects) {
	for i, c := range w.reached {
		if c.Offset > w.view[i].Offset || c.Offset == w.view[i].Offset && c != w.view[i] {
			fx.Fatal = fmt.Errorf("%w: replayed to %v, the view stands at %v", errState, w.reached, w.view)
			return
		}
	}
	if slices.Equal(w.reached, w.view) {
		w.silent = false
		w.readAll(fx)
	}
}
