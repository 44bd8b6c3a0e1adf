//go:build !js && !wasip1

package osenv

import (
	"fmt"

	"parallax/engine"
)

// plan is a step's effects, encoded and checked: nothing in it belongs to the
// actor. A node has one; what outlives the step is in the commit.
type plan struct {
	eager  []packet
	alarms []alarm
	commit *commit // nil if there is nothing to write, remove or hold back
}

// alarm is a timer to set, or to cancel.
type alarm struct {
	key   uint64
	after int64
	msg   packet
}

// prepare turns effects into the node's plan.
func (n *Node) prepare(fx *engine.Effects) error {
	p := &n.plan
	var err error
	if p.eager, err = n.encodeAll(p.eager[:0], fx.Eager); err != nil {
		return err
	}
	p.alarms = p.alarms[:0]
	for _, t := range fx.Timers {
		a := alarm{key: t.Key, after: t.After}
		if t.After >= 0 {
			if a.msg, err = n.encode(engine.Envelope{To: n.id, Msg: t.Msg}); err != nil {
				return err
			}
		}
		p.alarms = append(p.alarms, a)
	}
	p.commit = nil
	if len(fx.Persists)+len(fx.Sends)+len(fx.Removes) == 0 {
		return nil
	}
	c := &commit{}
	p.commit = c
	if err := n.prepareWrites(c, fx.Persists); err != nil {
		return err
	}
	if c.sends, err = n.encodeAll(nil, fx.Sends); err != nil {
		return err
	}
	for _, name := range fx.Removes {
		e, err := n.disk.release(name)
		if err != nil {
			return err
		}
		if e != nil {
			c.removes = append(c.removes, e)
		}
	}
	return nil
}

// prepareWrites copies the bytes, because they are the actor's again when the
// step is over.
func (n *Node) prepareWrites(c *commit, persists []engine.Persist) error {
	for _, w := range persists {
		c.bytes += len(w.Data)
	}
	arena := make([]byte, 0, c.bytes)
	for _, w := range persists {
		then, err := n.encodeAll(nil, w.Then)
		if err != nil {
			return err
		}
		out := write{then: then}
		if w.Data != nil {
			if out.file, err = n.disk.claim(w.File); err != nil {
				return err
			}
			at := len(arena)
			arena = append(arena, w.Data...)
			out.data = arena[at:]
			n.meters.persists.Add(1)
		}
		c.writes = append(c.writes, out)
	}
	n.meters.persistBytes.Add(uint64(c.bytes))
	return nil
}

func (n *Node) encodeAll(ps []packet, es []engine.Envelope) ([]packet, error) {
	for _, e := range es {
		p, err := n.encode(e)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	return ps, nil
}

func (n *Node) encode(e engine.Envelope) (packet, error) {
	if e.Msg == nil {
		return packet{}, fmt.Errorf("osenv: envelope to node %d without a message", e.To)
	}
	return encode(n.id, e)
}

// carryOut lets eager messages leave, sets timers, and hands the rest to the
// writer if anything is to be waited for.
func (n *Node) carryOut() {
	p := &n.plan
	n.sendAll(p.eager)
	for _, a := range p.alarms {
		if a.after < 0 {
			n.timers.cancel(a.key)
		} else {
			n.timers.set(a.key, n.clock.after(a.after), a.msg)
		}
	}
	c := p.commit
	if c == nil {
		return
	}
	if n.waiting == 0 && len(c.writes) == 0 && len(c.removes) == 0 {
		n.sendAll(c.sends)
		return
	}
	n.waiting++
	n.meters.unsyncedBytes.Add(int64(c.bytes))
	n.writer.submit(c)
}
