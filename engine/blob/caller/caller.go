package caller

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/wire"
)

// Caller has one request under way. It is a part of an actor's state.
type Caller struct {
	Store engine.NodeID
	Retry int64  // ns; 0 means 200 ms
	Timer uint64 // the key of its timer, the actor's own
	// Request is the number of the request made last. An actor begins above those of
	// its earlier boots.
	Request uint64

	waiting engine.Message
	asked   uint64
}

// Ask makes a request, in place of the one under way. Its number is one that the caller
// has given out by Next, or greater.
func (c *Caller) Ask(m engine.Message, fx *engine.Effects) {
	c.waiting = m
	c.asked++
	if m == nil {
		fx.Cancel(c.Timer)
		return
	}
	c.send(fx)
}

// Next is a number for a request.
func (c *Caller) Next() uint64 {
	c.Request++
	return c.Request
}

func (c *Caller) send(fx *engine.Effects) {
	after := c.Retry
	if after == 0 {
		after = 200 * engine.Millisecond
	}
	fx.Send(c.Store, c.waiting)
	fx.After(c.Timer, after, Again{timer: c.Timer, asked: c.asked})
}

// Again repeats the request, if it is not answered.
func (c *Caller) Again(m Again, fx *engine.Effects) {
	if m.timer == c.Timer && m.asked == c.asked && c.waiting != nil {
		c.send(fx)
	}
}

// Answers tells whether a message is the answer to the request under way, which it then
// no longer is. A store that is busy has not answered.
func (c *Caller) Answers(m engine.Message, fx *engine.Effects) bool {
	request, code := uint64(0), blob.OK
	switch m := m.(type) {
	case blob.Got:
		request, code = m.Request, m.Code
	case blob.Done:
		request, code = m.Request, m.Code
	case blob.Listed:
		request, code = m.Request, m.Code
	}
	if c.waiting == nil || code == blob.Busy || request != number(c.waiting) {
		return false
	}
	c.Ask(nil, fx)
	return true
}

// ErrContent is returned for an object that is there with another content.
var ErrContent = errors.New("caller: an object is there with another content")

// Written judges the answer to a Put of an object that never changes, under a name of its
// own. One that is there already was written before a crash, or by a request whose reply
// was lost: it must be the same.
func Written(m engine.Message, name string, sum uint64, size int64) (already bool, err error) {
	done, ok := m.(blob.Done)
	switch {
	case ok && done.Code == blob.OK:
		return false, nil
	case !ok || done.Code != blob.Mismatch:
		return false, fmt.Errorf("%s: the store says %s", name, done.Code)
	case done.Info.Sum != sum || done.Info.Size != size:
		return false, fmt.Errorf("%w: %s", ErrContent, name)
	}
	return true, nil
}

// number is that of a request.
func number(m engine.Message) uint64 {
	switch m := m.(type) {
	case blob.Get:
		return m.Request
	case blob.Put:
		return m.Request
	case blob.Delete:
		return m.Request
	case blob.List:
		return m.Request
	}
	return 0
}

// Again is the timer of a request.
//
//	timer 8 | asked 8
type Again struct {
	timer uint64
	asked uint64
}

// KindAgain is the timer's kind.
const KindAgain engine.Kind = 211

// Kind is the message's kind.
func (Again) Kind() engine.Kind { return KindAgain }

// AppendTo encodes the message.
func (m Again) AppendTo(b []byte) []byte {
	return wire.Order.AppendUint64(wire.Order.AppendUint64(b, m.timer), m.asked)
}

// DecodeAgain reads the timer.
func DecodeAgain(b []byte) (Again, error) {
	r := wire.Reader{Rest: b}
	m := Again{timer: r.U64(), asked: r.U64()}
	return m, r.End()
}
