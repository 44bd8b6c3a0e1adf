package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/serving"
)

// ErrClient is an answer that is not the one of the cut that it states, or whose
// cut goes back.
var ErrClient = errors.New("cluster: a client was told something wrong")

// clientCheck is what the client has been told so far.
type clientCheck struct {
	last    *serving.Answer
	cut     []protocol.Cut
	answers int
}

// checkClient looks at an answer that has just come.
func (c *checker) checkClient(cl *client) error {
	a := cl.answer
	if a == nil || a == c.asks.last {
		return nil
	}
	c.asks.last = a
	c.asks.answers++
	span := -1
	for i, cut := range c.model.cuts {
		if slices.Equal(cut, a.Cut) {
			span = i
		}
	}
	if span < 0 {
		return fmt.Errorf("%w: the view never stood at %v", ErrClient, a.Cut)
	}
	for i := range c.asks.cut {
		if a.Cut[i].Offset < c.asks.cut[i].Offset {
			return fmt.Errorf("%w: from %v back to %v", ErrClient, c.asks.cut, a.Cut)
		}
	}
	c.asks.cut = a.Cut
	c.reveal(a.Cut)
	return c.compareAnswer(cl, a, span)
}

// compareAnswer compares the rows of a whole answer with what the view held then.
func (c *checker) compareAnswer(cl *client, a *serving.Answer, span int) error {
	if len(a.Next) > 0 {
		return fmt.Errorf("%w: an answer that ends early", ErrClient)
	}
	want := 0
	for i := range c.model.groups {
		g := &c.model.groups[i]
		if g.at(span) != nil && (!cl.query.Point || bytes.Equal(g.key, cl.query.Key)) {
			want++
		}
	}
	if want != len(a.Rows) {
		return fmt.Errorf("%w: %d rows at %v, should be %d", ErrClient, len(a.Rows), a.Cut, want)
	}
	v, ok := c.d.Actor(c.d.view).(*serving.View)
	for i := range a.Rows {
		r := &a.Rows[i]
		at, known := c.model.place[groupName(r.Start, r.Key)]
		if !known {
			return fmt.Errorf("%w: key %q, window %d does not exist", ErrClient, r.Key, r.Start)
		}
		e := c.model.groups[at].at(span)
		if e == nil || e.late != r.Revision {
			return fmt.Errorf("%w: key %q, window %d at %v", ErrClient, r.Key, r.Start, a.Cut)
		}
		if !ok {
			continue // nobody is there who could finish the accumulators
		}
		values, err := v.Values(&serving.Row{Accumulators: e.bytes})
		if err != nil {
			return err
		}
		if !bytes.Equal(serving.AppendKey(nil, values...), r.Values) {
			return fmt.Errorf("%w: key %q, window %d at %v: not %v", ErrClient, r.Key, r.Start, a.Cut, values)
		}
	}
	return nil
}
