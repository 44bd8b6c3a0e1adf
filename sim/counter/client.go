package counter

import (
	"fmt"

	"parallax/engine"
)

// Client sends increments one at a time. It keeps nothing on disk: after a crash
// it starts over, and the primary's answer to its first id tells it where it was.
type Client struct {
	primary engine.NodeID
	goal    uint64
	acked   uint64
}

// StartClient returns the start of a client that wants goal increments counted.
func StartClient(primary engine.NodeID, goal uint64) engine.Start {
	return func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
		c := &Client{primary: primary, goal: goal}
		c.send(fx)
		return c, nil
	}
}

// Acked is the number of increments known to be acknowledged.
func (c *Client) Acked() uint64 { return c.acked }

// Step handles one message.
func (c *Client) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case ack:
		if m.id > c.acked {
			c.acked = m.id
			c.send(fx)
		}
	case tick:
		c.send(fx)
	default:
		fx.Fatal = fmt.Errorf("counter: client cannot handle %T", m)
	}
}

// send sends the first increment that is not acknowledged, now and until it is.
func (c *Client) send(fx *engine.Effects) {
	if c.acked >= c.goal {
		fx.Cancel(timerRetry)
		return
	}
	fx.Send(c.primary, increment{c.acked + 1})
	fx.After(timerRetry, retryNs, tick{})
}
