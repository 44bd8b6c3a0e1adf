//go:build !js && !wasip1

package osenv

import (
	"fmt"

	"parallax/engine"
)

// plan is a step's effects, encoded and checked: nothing in it belongs to the
// actor.
type plan struct {
	eager  []packet
	timers []alarm
	commit commit
}

// alarm is a timer to set, or to cancel.
type alarm struct {
	key   uint64
	after int64
	msg   packet
}

func (n *Node) plan(fx *engine.Effects) (*plan, error) {
	p := &plan{}
	var err error
	if p.eager, err = n.encodeAll(fx.Eager); err != nil {
		return nil, err
	}
	for _, t := range fx.Timers {
		a := alarm{key: t.Key, after: t.After}
		if t.After >= 0 {
			if a.msg, err = encode(n.id, engine.Envelope{To: n.id, Msg: t.Msg}); err != nil {
				return nil, err
			}
		}
		p.timers = append(p.timers, a)
	}
	if err := n.planWrites(&p.commit, fx.Persists); err != nil {
		return nil, err
	}
	if p.commit.sends, err = n.encodeAll(fx.Sends); err != nil {
		return nil, err
	}
	for _, name := range fx.Removes {
		e, err := n.disk.release(name)
		if err != nil {
			return nil, err
		}
		if e != nil {
			p.commit.removes = append(p.commit.removes, e)
		}
	}
	return p, nil
}

func (n *Node) planWrites(c *commit, persists []engine.Persist) error {
	for _, w := range persists {
		c.bytes += len(w.Data)
	}
	arena := make([]byte, 0, c.bytes)
	for _, w := range persists {
		then, err := n.encodeAll(w.Then)
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

func (n *Node) encodeAll(es []engine.Envelope) ([]packet, error) {
	if len(es) == 0 {
		return nil, nil
	}
	ps := make([]packet, len(es))
	for i, e := range es {
		if e.Msg == nil {
			return nil, fmt.Errorf("osenv: envelope to node %d without a message", e.To)
		}
		var err error
		if ps[i], err = encode(n.id, e); err != nil {
			return nil, err
		}
	}
	return ps, nil
}

// carryOut lets eager messages leave, sets timers, and hands the rest to the
// writer if anything is to be waited for.
func (n *Node) carryOut(p *plan) {
	n.sendAll(p.eager)
	for _, a := range p.timers {
		if a.after < 0 {
			n.timers.cancel(a.key)
		} else {
			n.timers.set(a.key, n.clock.now()+engine.Instant(a.after), a.msg)
		}
	}
	c := &p.commit
	if n.waiting == 0 && len(c.writes) == 0 && len(c.removes) == 0 {
		n.sendAll(c.sends)
		return
	}
	if len(c.writes) == 0 && len(c.removes) == 0 && len(c.sends) == 0 {
		return
	}
	n.waiting++
	n.meters.unsyncedBytes.Add(int64(c.bytes))
	n.writer.submit(c)
}
