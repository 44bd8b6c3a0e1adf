package sim

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/conformance"
)

// driven is a world behind the conformance suite's interface.
type driven struct {
	*World
	t      *testing.T
	held   map[engine.NodeID]bool
	decode engine.Decode
}

// Boot starts a node, the first time or again.
func (d *driven) Boot(id engine.NodeID, start engine.Start) {
	if int(id) <= len(d.nodes) {
		d.Restart(id)
		return
	}
	if got := d.World.Boot(fmt.Sprintf("node-%d", id), start, d.decode); got != id {
		d.t.Fatalf("booted node %d as %d", id, got)
	}
}

// Hold has the ends of syncs put off.
func (d *driven) Hold(id engine.NodeID, held bool) { d.held[id] = held }

// Run steps the world, for at most ten seconds of its clock.
func (d *driven) Run(done func() bool) bool {
	for end := d.now + 10*engine.Second; !done(); {
		d.putOff()
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

// putOff moves the ends of held syncs that come first by a millisecond.
func (d *driven) putOff() {
	q := &d.queue
	for q.size > 0 {
		first := q.far
		if i := q.bucket(); i >= 0 {
			first = q.wheel[i]
		}
		if ev := &q.slab[first[0].slot]; ev.op != opSynced || !d.held[ev.to] {
			return
		}
		var ev event
		at, _, _ := q.pop(maxInstant, &ev)
		*q.push(at + engine.Millisecond) = ev
	}
}

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Driver {
		return newDriven(t, conformance.Decode)
	})
}

func TestConformanceBlob(t *testing.T) {
	conformance.RunBlob(t, func(t *testing.T) conformance.Driver { return newDriven(t, store.Decode) })
}

func newDriven(t *testing.T, decode engine.Decode) *driven {
	return &driven{World: New(Options{FatalAllowed: true}), t: t, held: map[engine.NodeID]bool{}, decode: decode}
}
