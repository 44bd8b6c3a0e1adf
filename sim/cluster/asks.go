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
	last *serving.Answer
	cut  []protocol.Cut
}

// checkClient looks at an answer that has just come.
func (c *checker) checkClient(cl *client) error {
	a := cl.answer
	if a == nil || a == c.asks.last {
		return nil
	}
	c.asks.last = a
	c.tally.Answers++
	c.tally.AnswerRows += uint64(len(a.Rows))
	span := -1
	for i, cut := range c.model.cuts {
		if slices.Equal(cut, a.Cut) {
			span = i
		}
	}
	if span < 0 {
		return fmt.Errorf("%w: the view never stood at %v", ErrClient, a.Cut)
	}
	if a.Watermark != c.model.shownAt[span] {
		return fmt.Errorf("%w: watermark %d at %v", ErrClient, a.Watermark, a.Cut)
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

// asked reports whether an answer of the client's has to hold a group: a key's own
// up to the answer's last row, or for a page what lies between the last row of the
// page before and its own.
func (cl *client) asked(g *group) bool {
	if cl.query.Point {
		rows := cl.answer.Rows
		return bytes.Equal(g.key, cl.query.Key) && (len(cl.answer.Next) == 0 || !g.behind(&rows[len(rows)-1]))
	}
	if cl.from != nil && !g.behind(cl.from) {
		return false
	}
	return cl.behind == nil || !g.behind(cl.behind)
}

// behind reports whether a group comes behind a row in the order of answers.
func (g *group) behind(r *serving.Result) bool {
	return g.start > r.Start || g.start == r.Start && bytes.Compare(g.key, r.Key) > 0
}

// compareAnswer compares the rows of a whole answer, or of a page of it, with what
// the view held then.
func (c *checker) compareAnswer(cl *client, a *serving.Answer, span int) error {
	most := pageRows
	if cl.query.Point {
		most = serving.QueryRowsMax
	}
	if len(a.Next) > 0 && len(a.Rows) < most {
		return fmt.Errorf("%w: an answer that ends early", ErrClient)
	}
	want := 0
	for i := range c.model.groups {
		g := &c.model.groups[i]
		if cl.asked(g) && g.at(span) != nil {
			want++
		}
	}
	if want != len(a.Rows) {
		return fmt.Errorf("%w: %d rows at %v, should be %d", ErrClient, len(a.Rows), a.Cut, want)
	}
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
		if e.final == nil {
			var err error
			if e.final, err = c.finish.values(e.bytes); err != nil {
				return err
			}
		}
		if !bytes.Equal(e.final, r.Values) {
			return fmt.Errorf("%w: key %q, window %d at %v: %x, not %x", ErrClient, r.Key, r.Start, a.Cut, r.Values, e.final)
		}
	}
	return nil
}
