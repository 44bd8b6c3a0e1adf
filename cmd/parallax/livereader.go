//go:build !js && !wasip1

package main

import (
	"fmt"
	"math"

	"parallax/engine"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim/cluster"
)

// The nodes beside a live run's programs: the parent's own, which reads the view, and that
// of parallax serve.
const (
	readerName = "reader"
	frontName  = "front"
)

// kindAsk is the reader's timer.
const kindAsk engine.Kind = 200

type ask struct{}

func (ask) Kind() engine.Kind { return kindAsk }

func (ask) AppendTo(b []byte) []byte { return b }

func decodeReader(k engine.Kind, b []byte) (engine.Message, error) {
	if k == kindAsk {
		if len(b) != 0 {
			return nil, fmt.Errorf("parallax: a timer with %d bytes", len(b))
		}
		return ask{}, nil
	}
	return kappa.Decode(k, b)
}

// Periods of the reader, in ns.
const (
	askEvery = 50 * engine.Millisecond
	askAgain = 500 * engine.Millisecond // an answer that has not come by then is lost
)

// reader asks the view how far it is, and once it has everything, for all of it.
type reader struct {
	view    engine.NodeID
	request uint64
	after   []byte // of the page that is asked for
	ended   bool   // the view has everything
	rows    []serving.Result
	found   chan<- ending
	tell    func(records int64)
}

// startReader returns the start of a reader. found gets the whole view, once; tell is
// told how many records of the log the view has.
func startReader(view engine.NodeID, found chan<- ending, tell func(records int64)) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		r := &reader{view: view, request: uint64(env.Boot) << 32, found: found, tell: tell}
		fx.After(0, 0, ask{})
		return r, nil
	}
}

// Step handles one message.
func (r *reader) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case ask:
		r.ask(fx)
	case serving.Answer:
		if m.Request == r.request {
			r.answered(&m, fx)
		}
	}
}

func (r *reader) ask(fx *engine.Effects) {
	r.request++
	q := serving.Query{Request: r.request, From: math.MinInt64, To: math.MaxInt64, After: r.after}
	if !r.ended {
		q.Limit = 1
	}
	fx.Send(r.view, q)
	fx.After(0, askAgain, ask{})
}

func (r *reader) answered(m *serving.Answer, fx *engine.Effects) {
	r.request++ // a copy of this answer is of no use
	if !r.ended {
		r.progress(m, fx)
		return
	}
	r.rows = append(r.rows, m.Rows...)
	r.after = m.Next
	if len(m.Next) > 0 {
		r.ask(fx)
		return
	}
	fx.Cancel(0)
	r.found <- ending{rows: r.rows}
}

// progress looks at how far the view is. When every partition has ended it changes
// no more, so that its pages belong together.
func (r *reader) progress(m *serving.Answer, fx *engine.Effects) {
	records, ended := int64(0), len(m.Cut) > 0
	for _, c := range m.Cut {
		records += c.Offset
		ended = ended && c.Frontier == math.MaxInt64
	}
	r.tell(records)
	if r.ended = ended; ended {
		r.ask(fx)
		return
	}
	fx.After(0, askEvery, ask{})
}

// viewOf is the node of the view.
func viewOf(roles []cluster.Role) engine.NodeID {
	for _, r := range roles {
		if r.Name == "view" {
			return r.ID
		}
	}
	return 0
}
