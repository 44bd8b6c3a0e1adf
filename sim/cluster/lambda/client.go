package lambda

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
	"parallax/serving/layered"
)

// kindTurn is the client's timer.
const kindTurn engine.Kind = 201

// turn is that timer. It has no content.
type turn struct{}

func (turn) Kind() engine.Kind { return kindTurn }

func (turn) AppendTo(b []byte) []byte { return b }

// decode reads what a client is sent.
func decode(k engine.Kind, b []byte) (engine.Message, error) {
	if k == kindTurn {
		if len(b) != 0 {
			return nil, fmt.Errorf("lambda: a timer with %d bytes", len(b))
		}
		return turn{}, nil
	}
	return layered.Decode(k, b)
}

// client asks one of the servers now and then: for one key that it has seen, or for
// everything, page by page. It keeps what it has seen, and forgets it when it crashes.
type client struct {
	env     engine.Env
	servers []engine.NodeID
	every   int64
	request uint64
	query   layered.Ask
	key     []byte
	next    []byte
	view    uint64
	cut     []protocol.Cut
	answer  *layered.Told // the last one, nil before
	before  struct {      // what had been seen when that came
		view uint64
		cut  []protocol.Cut
	}
}

func startClient(servers []engine.NodeID, every int64) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		c := &client{env: env, servers: servers, every: every, request: uint64(env.Boot) << 32}
		fx.After(0, 1+env.Rand.Int64N(every), turn{})
		return c, nil
	}
}

// pageRows is how many rows the client wants of an answer to a scan.
const pageRows = 64

// Step handles one message.
func (c *client) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case turn:
		c.request++
		q := serving.Query{Request: c.request, From: -1 << 62, To: 1 << 62}
		if c.key != nil && c.env.Rand.IntN(2) == 0 {
			q.Point, q.Key = true, c.key
		} else {
			q.After, q.Limit = c.next, pageRows
			if c.env.Rand.IntN(4) == 0 {
				q.Limit = 1 + c.env.Rand.Int32N(16)
			}
		}
		c.query = layered.Ask{Query: q, View: c.view, AtLeast: c.cut}
		fx.Send(c.servers[c.env.Rand.IntN(len(c.servers))], c.query)
		fx.After(0, 1+c.env.Rand.Int64N(c.every), turn{})
	case layered.Told:
		if m.Request != c.request || c.answer != nil && c.answer.Request == m.Request {
			return // late, or a copy
		}
		c.answer = &m
		if m.Behind {
			return
		}
		c.before.view, c.before.cut = c.view, append(c.before.cut[:0], c.cut...)
		c.view, c.cut = max(c.view, m.View), advance(append([]protocol.Cut(nil), c.cut...), m.Cut)
		if !c.query.Point {
			c.next = m.Next
		}
		if len(m.Rows) > 0 {
			c.key = m.Rows[c.env.Rand.IntN(len(m.Rows))].Key
		}
	}
}
