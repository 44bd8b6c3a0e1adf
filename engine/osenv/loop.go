//go:build !js && !wasip1

package osenv

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"parallax/engine"
)

// loop hands events to the actor until the node goes down. Messages to oneself,
// timers and messages of others take turns.
func (n *Node) loop(ctx context.Context) {
	alarm := time.NewTimer(time.Hour)
	defer alarm.Stop()
	for n.err == nil && ctx.Err() == nil {
		select {
		case r := <-n.writer.reports:
			n.settle(r)
			continue
		default:
		}
		if n.meters.unsyncedBytes.Load() > unsyncedBytesMax {
			select { // the disk is behind: hand out no more events
			case r := <-n.writer.reports:
				n.settle(r)
			case <-ctx.Done():
			}
			continue
		}
		if !n.round() {
			n.sleep(ctx, alarm)
		}
	}
}

// round delivers at most one event of each kind; it says false if there was none.
func (n *Node) round() bool {
	busy := false
	deliver := func(p packet, ok bool) {
		if ok && n.err == nil {
			busy = true
			n.deliver(p)
		}
	}
	deliver(n.self.pop())
	if n.err == nil && len(n.timers.byDue) > 0 {
		deliver(n.timers.pop(n.clock.now()))
	}
	if n.err == nil {
		deliver(n.network.inbox.pop())
	}
	return busy
}

// sleep waits for something to do.
func (n *Node) sleep(ctx context.Context, alarm *time.Timer) {
	var due <-chan time.Time
	if at, ok := n.timers.next(); ok {
		alarm.Reset(time.Duration(at - n.clock.now()))
		due = alarm.C
	}
	select {
	case r := <-n.writer.reports:
		n.settle(r)
	case <-n.network.inbox.ready:
	case <-due:
	case <-ctx.Done():
	}
}

// deliver decodes a message and runs one step.
func (n *Node) deliver(p packet) {
	event := n.meters.events.Add(1)
	n.guard(event, func() error {
		m, err := n.decode(p.kind, p.payload())
		if err != nil {
			if p.from == n.id {
				return fmt.Errorf("osenv: a message to oneself may not be lost: kind %d: %w", p.kind, err)
			}
			// Whoever sends many does not fill the log.
			if count := n.meters.undecodable.Add(1); count&(count-1) == 0 {
				n.log.Warn("undecodable messages", "count", count, "from", p.from, "kind", p.kind, "error", err)
			}
			return nil
		}
		n.actor.Step(engine.Event{Now: n.clock.now(), From: p.from, Msg: m}, &n.fx)
		return nil
	})
}

// guard runs a step and carries out its effects; event 0 is Start. Errors and
// panics, also those met while the effects are encoded, become Fatal.
func (n *Node) guard(event uint64, step func() error) {
	err := func() (err error) {
		defer func() {
			if v := recover(); v != nil {
				n.log.Error("panic", "event", event, "panic", v, "stack", string(debug.Stack()))
				err = fmt.Errorf("panic: %v", v)
			}
		}()
		if err := step(); err != nil {
			return err
		}
		if n.fx.Fatal != nil {
			return n.fx.Fatal
		}
		return n.prepare(&n.fx)
	}()
	n.fx.Reset()
	if err != nil {
		n.err = fmt.Errorf("%w: node %d: event %d: %w", ErrFatal, n.id, event, err)
		return
	}
	n.carryOut()
}

// settle takes in what the writer has done and lets the messages go that waited
// for it, in issue order.
func (n *Node) settle(r report) {
	if r.err != nil {
		n.err = fmt.Errorf("node %d: %w", n.id, r.err)
		return
	}
	for _, c := range r.durable {
		n.waiting--
		n.meters.unsyncedBytes.Add(-int64(c.bytes))
		for _, wr := range c.writes {
			if wr.file != nil {
				wr.file.size += int64(len(wr.data))
				wr.file.visible = true
			}
			n.sendAll(wr.then)
		}
		n.sendAll(c.sends)
	}
	for _, e := range r.removed {
		n.disk.removed(e)
	}
	if r.hidden != nil {
		close(r.hidden)
	}
}

func (n *Node) sendAll(ps []packet) {
	for _, p := range ps {
		n.send(p)
	}
}

// send lets a message leave.
func (n *Node) send(p packet) {
	if p.to != n.id {
		n.leave(p)
		return
	}
	if n.self.len() >= selfMessagesMax {
		n.err = fmt.Errorf("%w: node %d: more than %d messages to itself wait", ErrFatal, n.id, selfMessagesMax)
		return
	}
	n.self.push(p)
}
