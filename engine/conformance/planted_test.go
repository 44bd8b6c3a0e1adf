package conformance

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/sim"
)

// world is the simulated world as a driver, with a layer between the actors and
// it that breaks the contract.
type world struct {
	t     testing.TB
	sim   *sim.World
	nodes engine.NodeID
	plant func(engine.Start) engine.Start
}

const syncNs = 2 * engine.Second // longer than any test holds a commit

func newWorld(t testing.TB, plant func(engine.Start) engine.Start) *world {
	costs := sim.DefaultCosts()
	costs.Version, costs.FsyncNs = 1<<16, syncNs
	return &world{t: t, sim: sim.New(sim.Options{Seed: 1, Costs: costs, FatalAllowed: true}), plant: plant}
}

func (w *world) Boot(id engine.NodeID, start engine.Start) {
	if id <= w.nodes {
		w.sim.Restart(id)
		return
	}
	w.nodes = w.sim.Boot(fmt.Sprint(id), w.plant(start), Decode)
}

func (w *world) Crash(id engine.NodeID) { w.sim.Crash(id) }

func (w *world) Hold(engine.NodeID, bool) {}

func (w *world) Run(done func() bool) bool {
	for range 5 * syncNs / engine.Millisecond {
		if done() {
			return true
		}
		if err := w.sim.RunFor(engine.Millisecond); err != nil {
			w.t.Fatal(err)
		}
	}
	return false
}

func (w *world) Fatal(id engine.NodeID) error { return w.sim.Fatal(id) }

// verdict is a testing.TB that only remembers.
type verdict struct {
	testing.TB
	failed bool
}

func (v *verdict) Helper() {}

func (v *verdict) Error(...any) { v.failed = true }

func (v *verdict) Errorf(string, ...any) { v.failed = true }

func (v *verdict) Fatal(...any) {
	v.failed = true
	runtime.Goexit()
}

func (v *verdict) Fatalf(string, ...any) { v.Fatal() }

// failures runs the whole suite against a broken world and names the trials that
// see it.
func failures(t *testing.T, plant func(engine.Start) engine.Start) []string {
	var names []string
	for _, c := range trials {
		v := &verdict{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.test(newStage(v, newWorld(v, plant)))
		}()
		<-done
		if v.failed {
			names = append(names, c.name)
		}
	}
	return names
}

// layer distorts steps: before sees the event, after the effects.
type layer struct {
	engine.Actor
	id     engine.NodeID
	before func(ev *engine.Event)
	after  func(id engine.NodeID, fx *engine.Effects)
	catch  bool
}

func (l *layer) Step(ev engine.Event, fx *engine.Effects) {
	if l.catch {
		defer func() { _ = recover() }()
	}
	if l.before != nil {
		l.before(&ev)
	}
	l.Actor.Step(ev, fx)
	if l.after != nil {
		l.after(l.id, fx)
	}
}

// effects distorts what steps want, those of Start included.
func effects(after func(id engine.NodeID, fx *engine.Effects)) func(engine.Start) engine.Start {
	return func(start engine.Start) engine.Start {
		return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
			a, err := start(env, fx)
			after(env.ID, fx)
			return &layer{Actor: a, id: env.ID, after: after}, err
		}
	}
}

// environment distorts what Start is told.
func environment(change func(env *engine.Env)) func(engine.Start) engine.Start {
	return func(start engine.Start) engine.Start {
		return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
			change(&env)
			return start(env, fx)
		}
	}
}

// unsorted is a Disk whose listing is backwards; endless is one that does not
// say where a file ends.
type (
	unsorted struct{ engine.Disk }
	endless  struct{ engine.Disk }
)

func (d unsorted) Files() []string {
	f := d.Disk.Files()
	slices.Reverse(f)
	return f
}

func (d endless) ReadAt(file string, p []byte, off int64) (int, error) {
	n, err := d.Disk.ReadAt(file, p, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// timersOf distorts the timers of a step, but for the probe's own.
func timersOf(change func(t *engine.Timer)) func(engine.NodeID, *engine.Effects) {
	return func(_ engine.NodeID, fx *engine.Effects) {
		for i := range fx.Timers {
			if fx.Timers[i].Key != tickKey {
				change(&fx.Timers[i])
			}
		}
	}
}

// A driver that breaks one sentence of the contract fails the trial of that
// sentence; an honest one fails none.
func TestSuiteSeesPlantedDefects(t *testing.T) {
	for _, c := range plants() {
		got := failures(t, c.plant)
		if c.trial == "" {
			if len(got) > 0 {
				t.Errorf("%s: false alarms %q", c.name, got)
			}
			continue
		}
		for _, want := range strings.Fields(c.trial) {
			if !slices.Contains(got, want) {
				t.Errorf("%s: %s does not see it; seen by %q", c.name, want, got)
			}
		}
	}
}

type plant struct {
	name, trial string
	plant       func(engine.Start) engine.Start
}

func plants() []plant {
	key, dropped := uint64(0), 0
	late := make([][]engine.Envelope, 5)
	return []plant{
		{"honest", "", func(s engine.Start) engine.Start { return s }},
		{"Sends leave at once", "OutputCommit OutputCommitOfEarlierSteps HeldBackDiesWithIncarnation", effects(func(_ engine.NodeID, fx *engine.Effects) {
			fx.Eager, fx.Sends = append(fx.Eager, fx.Sends...), nil
		})},
		{"Thens leave at once", "OutputCommit Barrier AcknowledgedSurvives", effects(func(_ engine.NodeID, fx *engine.Effects) {
			for i := range fx.Persists {
				fx.Eager, fx.Persists[i].Then = append(fx.Eager, fx.Persists[i].Then...), nil
			}
		})},
		{"Thens out of order", "ThenInIssueOrder", effects(func(_ engine.NodeID, fx *engine.Effects) {
			for i := range fx.Persists {
				slices.Reverse(fx.Persists[i].Then)
			}
		})},
		{"writes out of order", "GroupCommit", effects(func(_ engine.NodeID, fx *engine.Effects) { slices.Reverse(fx.Persists) })},
		{"nothing is removed", "RemoveWaits", effects(func(_ engine.NodeID, fx *engine.Effects) { fx.Removes = nil })},
		{"eager is not eager", "OutputCommit", effects(func(_ engine.NodeID, fx *engine.Effects) {
			fx.Sends, fx.Eager = append(fx.Sends, fx.Eager...), nil
		})},
		{"no cancelling", "TimerCancelled", effects(timersOf(func(t *engine.Timer) { t.After = max(t.After, -t.After) }))},
		{"no replacing", "TimerReplaced TimerCancelled", effects(timersOf(func(t *engine.Timer) { key++; t.Key = key }))},
		{"fast timers", "TimerFires", effects(timersOf(func(t *engine.Timer) { t.After /= 2 }))},
		{"Fatal forgotten", "FatalDiscards", effects(func(_ engine.NodeID, fx *engine.Effects) { fx.Fatal = nil })},
		{"messages to oneself get lost", "SelfFIFO", effects(func(id engine.NodeID, fx *engine.Effects) {
			fx.Sends = slices.DeleteFunc(fx.Sends, func(e engine.Envelope) bool {
				dropped++
				return e.To == id && dropped%7 == 0
			})
		})},
		{"encoded later", "MessagesAreEncoded", effects(func(id engine.NodeID, fx *engine.Effects) {
			if id == 1 {
				late = append(late, slices.Clone(fx.Sends))
				fx.Sends, late = late[0], late[1:]
			}
		})},
		{"boot stands still", "BootRises", environment(func(env *engine.Env) { env.Boot = 1 })},
		{"unsorted disk", "DiskAscends", environment(func(env *engine.Env) { env.Disk = unsorted{env.Disk} })},
		{"endless files", "DiskReads", environment(func(env *engine.Env) { env.Disk = endless{env.Disk} })},
		{"clock jumps back", "ClockIsMonotone", func(start engine.Start) engine.Start {
			return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
				a, err := start(env, fx)
				return &layer{Actor: a, before: func(ev *engine.Event) { ev.Now = engine.Instant(engine.Second) - ev.Now }}, err
			}
		}},
		{"panics are swallowed", "PanicIsFatal", func(start engine.Start) engine.Start {
			return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
				a, err := start(env, fx)
				return &layer{Actor: a, catch: true}, err
			}
		}},
		{"Start's errors and effects are ignored", "StartError StartEffects", func(start engine.Start) engine.Start {
			return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
				a, _ := start(env, fx)
				fx.Reset()
				fx.After(tickKey, tickNs, tick{})
				return a, nil
			}
		}},
	}
}
