package cluster

// Property client-exact: every answer is that of the cut it states, and cuts never go
// back for a client.

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/serving"
)

// errClient is an answer that is not the one of the cut that it states, or whose
// cut goes back.
var errClient = errors.New("cluster: a client was told something wrong")

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
	if len(cl.query.After) > 0 {
		c.tally.AnswerPages++
	}
	span := -1
	for i, cut := range c.model.cuts {
		if slices.Equal(cut, a.Cut) {
			span = i
		}
	}
	if span < 0 {
		return fmt.Errorf("%w: the view never stood at %v", errClient, a.Cut)
	}
	if a.Watermark != c.model.shownAt[span] {
		return fmt.Errorf("%w: an answer tells %d at %v", errWatermark, a.Watermark, a.Cut)
	}
	for i := range c.asks.cut {
		if a.Cut[i].Offset < c.asks.cut[i].Offset {
			return fmt.Errorf("%w: from %v back to %v", errClient, c.asks.cut, a.Cut)
		}
	}
	c.asks.cut = a.Cut
	c.reveal(a.Cut)
	return c.compareAnswer(cl, a, span)
}

// placeOf is where a row stands in the order of answers, as bytes.
func placeOf(start int64, key []byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(start)^1<<63), key...)
}

// compareAnswer compares a page of an answer with what the view held then: there
// must be all rows of the query behind the page before, up to the last one.
func (c *checker) compareAnswer(cl *client, a *serving.Answer, span int) error {
	q := &cl.query
	limit := int(q.Limit)
	if limit == 0 {
		limit = serving.QueryRowsMax
	}
	if len(a.Rows) > limit || len(a.Next) > 0 && len(a.Rows) < limit {
		return fmt.Errorf("%w: %d rows of %d, more is %v", errClient, len(a.Rows), limit, len(a.Next) > 0)
	}
	last := q.After
	for i := range a.Rows {
		at := placeOf(a.Rows[i].Start, a.Rows[i].Key)
		if len(last) > 0 && bytes.Compare(last, at) >= 0 {
			return fmt.Errorf("%w: key %q, window %d is out of order", errClient, a.Rows[i].Key, a.Rows[i].Start)
		}
		last = at
	}
	if len(a.Next) > 0 && !bytes.Equal(a.Next, last) {
		return fmt.Errorf("%w: the next page would not begin behind this one", errClient)
	}
	want, shelf := 0, c.model.shelf
	for i := range shelf.cells {
		e := &shelf.cells[i]
		key := c.judge.keys[e.key]
		if q.Point && !bytes.Equal(key, q.Key) || e.start < q.From || e.start >= q.To || e.at(span) == nil {
			continue
		}
		at := placeOf(e.start, key)
		if bytes.Compare(at, q.After) > 0 && (len(a.Next) == 0 || bytes.Compare(at, last) <= 0) {
			want++
		}
	}
	if want != len(a.Rows) {
		return fmt.Errorf("%w: %d rows at %v, should be %d", errClient, len(a.Rows), a.Cut, want)
	}
	for i := range a.Rows {
		r := &a.Rows[i]
		if q.Point && !bytes.Equal(r.Key, q.Key) || r.Start < q.From || r.Start >= q.To {
			return fmt.Errorf("%w: key %q, window %d, which nobody has asked for", errClient, r.Key, r.Start)
		}
		number, known := c.judge.numbers[string(r.Key)]
		at, placed := shelf.place[spot{r.Start, number}]
		if !known || !placed {
			return fmt.Errorf("%w: key %q, window %d does not exist", errClient, r.Key, r.Start)
		}
		e := shelf.cells[at].at(span)
		if e == nil || e.late != r.Revision || e.end != r.End {
			return fmt.Errorf("%w: key %q, window %d to %d at %v", errClient, r.Key, r.Start, r.End, a.Cut)
		}
		if e.final == nil {
			var err error
			if e.final, err = c.finish.values(e.bytes); err != nil {
				return err
			}
		}
		if !bytes.Equal(e.final, r.Values) {
			return fmt.Errorf("%w: key %q, window %d at %v: %x, not %x", errClient, r.Key, r.Start, a.Cut, r.Values, e.final)
		}
	}
	return nil
}
