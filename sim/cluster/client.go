package cluster

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/kappa"
	"parallax/engine/wire"
	"parallax/serving"
)

// kindAsk is the client's timer.
const kindAsk engine.Kind = 200

// ask is a question that is due.
//
//	listed 4: the number of a question that the client was given, from 1; 0 for one
//	that it thinks of
type ask struct{ listed uint32 }

func (ask) Kind() engine.Kind { return kindAsk }

func (m ask) AppendTo(b []byte) []byte { return wire.Order.AppendUint32(b, m.listed) }

// decode reads what any node of a deployment but a broker is sent.
func decode(k engine.Kind, b []byte) (engine.Message, error) {
	if k == kindAsk {
		r := &wire.Reader{Rest: b}
		m := ask{r.U32()}
		if err := r.End(); err != nil {
			return nil, fmt.Errorf("cluster: a timer: %w", err)
		}
		return m, nil
	}
	return kappa.Decode(k, b)
}

// askEveryMax is the longest time, in ns, between two questions, unless an option
// says otherwise.
const askEveryMax = 400 * engine.Millisecond

// pageRows is how many rows the client wants of an answer to a scan.
const pageRows = 1024

// client asks the view: what it was given to ask, each at its instant, and now and then
// for one key that it has seen, or for everything, page by page.
type client struct {
	env     engine.Env
	view    engine.NodeID
	everyNs int64 // the longest time between two questions of its own; less than 0 when it has none
	listed  []listed
	request uint64
	query   serving.Query
	key     []byte
	next    []byte          // where the next page begins, nil at the beginning
	answer  *serving.Answer // the last one, nil before
	answers uint64
}

// listed is a question that the client was given.
type listed struct {
	serving.Query
	at   engine.Instant
	more bool // for the page behind the last answer
}

// Timers of a client.
const (
	timerOwn uint64 = iota
	timerListed
)

func startClient(c client) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		c := c
		c.env, c.request = env, uint64(env.Boot)<<32
		if c.everyNs > 0 {
			fx.After(timerOwn, env.Rand.Int64N(c.everyNs), ask{})
		}
		for i := range c.listed {
			if c.listed[i].at >= env.Now {
				c.wait(i, env.Now, fx)
				break
			}
		}
		return &c, nil
	}
}

// wait sets the timer of the i-th question.
func (c *client) wait(i int, now engine.Instant, fx *engine.Effects) {
	if i < len(c.listed) {
		fx.After(timerListed, max(0, int64(c.listed[i].at-now)), ask{listed: uint32(i) + 1})
	}
}

// Step handles one message.
func (c *client) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case ask:
		c.request++
		if m.listed > 0 {
			c.ask(&c.listed[m.listed-1])
			c.wait(int(m.listed), ev.Now, fx)
		} else {
			c.think()
			fx.After(timerOwn, 1+c.env.Rand.Int64N(c.everyNs), ask{})
		}
		fx.Send(c.view, c.query)
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

// ask makes a question of one that the client was given.
func (c *client) ask(l *listed) {
	c.query = l.Query
	c.query.Request = c.request
	if l.more {
		c.query.After = c.next
	}
}

// think makes a question.
func (c *client) think() {
	c.query = serving.Query{Request: c.request, From: -1 << 62, To: 1 << 62}
	if c.key != nil && c.env.Rand.IntN(2) == 0 {
		c.query.Point, c.query.Key = true, c.key
		return
	}
	c.query.After, c.query.Limit = c.next, pageRows
	if c.env.Rand.IntN(4) == 0 {
		c.query.Limit = 1 + c.env.Rand.Int32N(16)
	}
}
