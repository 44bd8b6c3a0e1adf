package sim_test

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/conformance"
	"parallax/sim"
)

// conformanceSyncNs makes every group commit last so long that a test is over
// with what it does during one.
const conformanceSyncNs = 2 * engine.Second

// conformanceWorld is a world as the conformance suite sees it.
type conformanceWorld struct {
	t     *testing.T
	world *sim.World
	nodes engine.NodeID
	held  engine.Instant // since when commits may not end; 0 if they may
}

func (c *conformanceWorld) Boot(id engine.NodeID, start engine.Start) {
	if id <= c.nodes {
		c.world.Restart(id)
		return
	}
	c.nodes = c.world.Boot(fmt.Sprintf("node-%d", id), start, conformance.Decode)
	if c.nodes != id {
		c.t.Fatalf("node %d is %d to the world", id, c.nodes)
	}
}

func (c *conformanceWorld) Crash(id engine.NodeID) { c.world.Crash(id) }

// Hold relies on commits that last longer than any test holds one.
func (c *conformanceWorld) Hold(_ engine.NodeID, held bool) {
	c.held = 0
	if held {
		c.held = max(1, c.world.Now())
	}
}

func (c *conformanceWorld) Run(done func() bool) bool {
	for range 10 * conformanceSyncNs / engine.Millisecond {
		if done() {
			return true
		}
		if err := c.world.RunFor(engine.Millisecond); err != nil {
			c.t.Fatal(err)
		}
		if c.held != 0 && c.world.Now() >= c.held+engine.Instant(conformanceSyncNs) {
			c.t.Fatal("the test holds a commit longer than one lasts")
		}
	}
	return false
}

func (c *conformanceWorld) Fatal(id engine.NodeID) error { return c.world.Fatal(id) }

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Driver {
		costs := sim.DefaultCosts()
		costs.Version = 1 << 16
		costs.FsyncNs = conformanceSyncNs
		world := sim.New(sim.Options{Seed: 1, Costs: costs, FatalAllowed: true})
		return &conformanceWorld{t: t, world: world}
	})
}
