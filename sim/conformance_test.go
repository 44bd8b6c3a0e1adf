package sim

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/conformance"
)

// driven is a world behind the conformance suite's interface.
type driven struct {
	*World
	t    *testing.T
	held map[engine.NodeID]bool
}

// Boot starts a node, the first time or again.
func (d *driven) Boot(id engine.NodeID, start engine.Start) {
	if int(id) <= len(d.nodes) {
		d.Restart(id)
		return
	}
	if got := d.World.Boot(fmt.Sprintf("node-%d", id), start, conformance.Decode); got != id {
		d.t.Fatalf("booted node %d as %d", id, got)
	}
}

// Hold has the ends of syncs put off.
func (d *driven) Hold(id engine.NodeID, held bool) { d.held[id] = held }

// Run steps the world, for at most ten seconds of its clock.
func (d *driven) Run(done func() bool) bool {
	for end := d.now + 10*engine.Second; !done(); {
		if d.putOff() {
			continue
		}
		more, err := d.stepUntil(end)
		if err != nil {
			d.t.Fatal(err)
		}
		if !more {
			d.now = end
			return done()
		}
	}
	return true
}

// putOff moves the next event by a millisecond if it ends a held sync.
func (d *driven) putOff() bool {
	q := &d.queue
	if len(q.heap) == 0 {
		return false
	}
	if ev := &q.slab[q.heap[0].slot]; ev.op != opSynced || !d.held[ev.to] {
		return false
	}
	var ev event
	at, _ := q.pop(&ev)
	*q.push(at + engine.Millisecond) = ev
	return true
}

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Driver {
		return &driven{World: New(Options{FatalAllowed: true}), t: t, held: map[engine.NodeID]bool{}}
	})
}
