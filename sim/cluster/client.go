package cluster

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/kappa"
	"parallax/serving"
)

// kindAsk is the client's timer.
const kindAsk engine.Kind = 200

type ask struct{}

func (ask) Kind() engine.Kind { return kindAsk }

func (ask) AppendTo(b []byte) []byte { return b }

// decode reads what any node of a deployment but a broker is sent.
func decode(k engine.Kind, b []byte) (engine.Message, error) {
	if k == kindAsk {
		if len(b) != 0 {
			return nil, fmt.Errorf("cluster: a timer with %d bytes", len(b))
		}
		return ask{}, nil
	}
	return kappa.Decode(k, b)
}

// askEveryMax is the longest time, in ns, between two questions, unless an option
// says otherwise.
const askEveryMax = 400 * engine.Millisecond

// pageRows is how many rows the client wants of an answer to a scan.
const pageRows = 1024

// client asks the view now and then: for one key that it has seen, or for
// everything, page by page.
type client struct {
	env     engine.Env
	view    engine.NodeID
	everyNs int64 // the longest time between two questions; less than 0 when it asks none
	request uint64
	query   serving.Query
	key     []byte
	next    []byte          // where the next page begins, nil at the beginning
	answer  *serving.Answer // the last one, nil before
	answers uint64
}

func startClient(view engine.NodeID, everyNs int64) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		c := &client{env: env, view: view, everyNs: everyNs, request: uint64(env.Boot) << 32}
		if everyNs > 0 {
			fx.After(0, env.Rand.Int64N(everyNs), ask{})
		}
		return c, nil
	}
}

// Step handles one message.
func (c *client) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case ask:
		c.request++
		c.query = serving.Query{Request: c.request, From: -1 << 62, To: 1 << 62}
		if c.key != nil && c.env.Rand.IntN(2) == 0 {
			c.query.Point, c.query.Key = true, c.key
		} else {
			c.query.After, c.query.Limit = c.next, pageRows
			if c.env.Rand.IntN(4) == 0 {
				c.query.Limit = 1 + c.env.Rand.Int32N(16)
			}
		}
		fx.Send(c.view, c.query)
		fx.After(0, 1+c.env.Rand.Int64N(c.everyNs), ask{})
	case serving.Answer:
		if m.Request != c.request || c.answer != nil && c.answer.Request == m.Request {
			return // late, or a copy
		}
		c.answer = &m
		c.answers++
		if !c.query.Point {
			c.next = m.Next
		}
		if len(m.Rows) > 0 {
			c.key = m.Rows[c.env.Rand.IntN(len(m.Rows))].Key
		}
	}
}
