package cluster

import (
	"strings"
	"testing"

	"parallax/engine"
	"parallax/engine/kappa"
	"parallax/serving"
)

// laterAttempt starts an actor as one of a later attempt: whoever assigns epochs
// gives it one that is above all that the first worker can reach.
func laterAttempt(start engine.Start) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		env.Boot += 1 << 20
		return start(env, fx)
	}
}

// A worker is paused at a random moment and another one, which has no checkpoint,
// takes its place; the first wakes up as a zombie and goes on as if nothing had
// happened. Whatever it has sent, sends or retries, the answers stay exact, and in
// the end it knows that it was replaced.
func TestZombieWorkers(t *testing.T) {
	fenced, woken := 0, 0
	for seed := uint64(1); seed <= 60; seed++ {
		o := drawOptions(seed)
		o.World.FatalAllowed = true
		o.Log.RetainBytes = 0 // the second one begins at the log's start
		o.Store = false       // see TestTakeoverFromStore
		job := drawJob(t, seed)
		d, err := Deploy(job, o)
		if err != nil {
			t.Fatal(err)
		}
		pauseAt := engine.Second + int64(seed*97%40)*100*engine.Millisecond
		if err := d.RunFor(pauseAt); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		d.Pause(d.worker)
		roles, err := job.Roles(o)
		if err != nil {
			t.Fatal(err)
		}
		second := d.Boot("worker-2", laterAttempt(roles[d.worker-1].Start), decode)
		if err := d.RunFor(500*engine.Millisecond + int64(seed%7)*200*engine.Millisecond); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if _, ok := d.Actor(d.worker).(*kappa.Worker); ok {
			woken++
		}
		d.Resume(d.worker)
		if err := d.Run(stormNs-pauseAt, calmNs); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		for id := engine.NodeID(1); id <= second; id++ {
			switch err := d.Fatal(id); {
			case err == nil:
			case id == d.worker && strings.Contains(err.Error(), "later attempt"):
				fenced++
			default:
				t.Errorf("seed %d: node %d: %v", seed, id, err)
			}
		}
		if v, ok := d.Actor(d.view).(*serving.View); ok && v.Status().Epoch <= 1<<20 {
			t.Errorf("seed %d: the second attempt has never published", seed)
		}
	}
	t.Logf("of 60 replaced workers %d woke up as zombies, %d were told so", woken, fenced)
	if woken < 20 || fenced < 20 {
		t.Error("that shows nothing")
	}
}
