//go:build !js && !wasip1

package osenv

import (
	"fmt"
	"sync"
	"testing"

	"parallax/engine"
	"parallax/sim/counter"
)

// watched is a client whose acknowledged increments go into an audit.
type watched struct {
	*counter.Client
	id    engine.NodeID
	mu    *sync.Mutex
	audit *counter.Audit
}

func (w watched) Step(ev engine.Event, fx *engine.Effects) {
	w.Client.Step(ev, fx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.audit.Acked(w.id, w.Acked())
}

// audited reads a node's ledger at its Start, from scratch.
func audited(start engine.Start, mu *sync.Mutex, audit *counter.Audit) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		mu.Lock()
		defer mu.Unlock()
		if err := audit.Disk(env.Disk); err != nil {
			return nil, fmt.Errorf("boot %d: %w", env.Boot, err)
		}
		return start(env, fx)
	}
}

// The running example of the contract, written for the simulated world, counts
// exactly on this one: over TCP, with machines that crash and lose what they had
// not synced.
func TestCounter(t *testing.T) {
	const goal, crashes = 60, 12
	var mu sync.Mutex
	var audit counter.Audit
	d := newMachines(t, counter.Decode, 7)
	client := func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		a, err := counter.StartClient(1, goal)(env, fx)
		if err != nil {
			return nil, err
		}
		return watched{a.(*counter.Client), env.ID, &mu, &audit}, nil
	}
	starts := []engine.Start{
		audited(counter.StartPrimary(2, 0), &mu, &audit),
		audited(counter.StartBackup, &mu, &audit),
		client, client,
	}
	for i, start := range starts {
		d.Boot(engine.NodeID(i+1), start)
	}
	total := func() uint64 {
		mu.Lock()
		defer mu.Unlock()
		return audit.Total()
	}
	wait := func(want uint64) {
		t.Helper()
		if !d.Run(func() bool { return total() >= want }) {
			t.Fatalf("%d increments are acknowledged, want %d", total(), want)
		}
	}
	for n := range uint64(crashes) {
		wait((n + 1) * 2 * goal / (crashes + 1))
		id := engine.NodeID(1 + d.rng.IntN(len(starts)))
		d.Crash(id)
		d.Boot(id, starts[id-1])
		if err := d.Fatal(id); err != nil {
			t.Fatalf("crash %d, of node %d: %v", n, id, err)
		}
	}
	wait(2 * goal)
	for id := range engine.NodeID(2) {
		d.Crash(id + 1)
		d.Boot(id+1, starts[id])
		if err := d.Fatal(id + 1); err != nil {
			t.Error(err)
		}
	}
}
