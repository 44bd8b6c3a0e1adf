package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

// clockwork tells the witness what its clock shows: at the start, when it is asked, and
// every second by a timer.
type clockwork struct{}

func (clockwork) Step(ev engine.Event, fx *engine.Effects) {
	fx.SendEager(1, note(fmt.Sprint(time.Duration(ev.Now))))
	if ev.Msg.(note) == "tick" {
		fx.After(1, engine.Second, note("tick"))
	}
}

func startClockwork(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
	fx.After(1, engine.Second, note("tick"))
	return clockwork{}, nil
}

// ticks runs a node with one fault for four seconds and returns what its clock showed,
// and what it was then, every time a timer rang.
func ticks(t *testing.T, f fault.Fault) (shown []string, at []time.Duration) {
	t.Helper()
	f.Node = "clock"
	w := sim.New(sim.Options{
		Network: sim.Network{DelayMin: 1, DelayMax: 1}, Costs: sim.Costs{Version: 9}, Frozen: []fault.Fault{f},
	})
	got := &witness{}
	w.Boot("witness", got.start, decodeNote)
	w.Boot("clock", startClockwork, decodeNote)
	runFor(t, w, 4*engine.Second+engine.Millisecond)
	for _, instant := range got.at {
		at = append(at, time.Duration(instant).Round(time.Millisecond))
	}
	return got.got, at
}

func TestVectorClocks(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	for _, c := range []struct {
		fault fault.Fault
		shown []string
		at    []time.Duration
	}{
		{fault.Fault{Family: fault.Skew, Lasts: 250 * ms}, []string{"1.25s", "2.25s", "3.25s", "4.25s"}, []time.Duration{s, 2 * s, 3 * s, 4 * s}},
		{fault.Fault{Family: fault.Drift, Amount: 1_000_000}, []string{"1s", "2s", "3s", "4s", "5s", "6s", "7s", "8s"}, []time.Duration{
			500 * ms, s, 1500 * ms, 2 * s, 2500 * ms, 3 * s, 3500 * ms, 4 * s,
		}},
		{fault.Fault{Family: fault.Jump, At: 1500 * ms, Lasts: 300 * ms}, []string{"1s", "2s", "3s", "4s"}, []time.Duration{s, 1700 * ms, 2700 * ms, 3700 * ms}},
		{fault.Fault{Family: fault.Jump, At: 1500 * ms, Lasts: 2 * s}, []string{"1s", "3.5s", "4.5s", "5.5s"}, []time.Duration{s, 1500 * ms, 2500 * ms, 3500 * ms}},
		{fault.Fault{Family: fault.Freeze, At: 1500 * ms, Lasts: 700 * ms}, []string{"1s", "2s", "3s"}, []time.Duration{s, 2700 * ms, 3700 * ms}},
	} {
		shown, at := ticks(t, c.fault)
		if diff := cmp.Diff(c.shown, shown); diff != "" {
			t.Errorf("%v: %s", c.fault, diff)
		}
		if diff := cmp.Diff(c.at, at); diff != "" {
			t.Errorf("%v: %s", c.fault, diff)
		}
	}
}

// A link that is clogged gives everything back at once, in order; the other direction
// goes on.
func TestVectorClog(t *testing.T) {
	sc := script{"ask": func(_ engine.Event, fx *engine.Effects) { fx.SendEager(1, note("answer")) }}
	clog := fault.Fault{Family: fault.Clog, At: time.Second, Lasts: 2 * time.Second, Node: "script", Peer: "witness"}
	w := sim.New(sim.Options{Network: sim.Network{DelayMin: 1, DelayMax: 1}, Frozen: []fault.Fault{clog}})
	got := &witness{}
	w.Boot("witness", got.start, decodeNote)
	w.Boot("script", sc.start, decodeNote)
	for i := range 4 {
		w.Inject(engine.Instant(int64(i)*engine.Second+engine.Second/2), 1, 2, note("ask"))
	}
	runFor(t, w, 10*engine.Second)
	var at []time.Duration
	for _, instant := range got.at {
		at = append(at, time.Duration(instant).Round(100*time.Millisecond))
	}
	want := []time.Duration{500 * time.Millisecond, 3 * time.Second, 3 * time.Second, 3500 * time.Millisecond}
	if diff := cmp.Diff(want, at); diff != "" {
		t.Error(diff)
	}
}

// A full disk stops whoever writes, until there is room; a sync that fails takes the
// process with it, and nothing that waited leaves.
func TestVectorDisksThatRefuse(t *testing.T) {
	write := func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		return script{"go": func(_ engine.Event, fx *engine.Effects) {
			fx.Persist(fmt.Sprintf("f-%d", env.Boot), []byte("1234"), to(1, "written"))
		}}, nil
	}
	for _, c := range []struct {
		fault   fault.Fault
		written int
		boots   uint64
	}{
		{fault.Fault{Family: fault.Full, At: 500 * time.Millisecond, Lasts: time.Second, Node: "writer"}, 2, 1},
		{fault.Fault{Family: fault.Full, At: 1500 * time.Millisecond, Lasts: 100 * time.Millisecond, Node: "writer"}, 3, 0},
	} {
		w := sim.New(sim.Options{Frozen: []fault.Fault{c.fault}})
		got := &witness{}
		w.Boot("witness", got.start, decodeNote)
		w.Boot("writer", write, decodeNote)
		for i := range 3 {
			w.Inject(engine.Instant(int64(i)*engine.Second+engine.Millisecond), 0, 2, note("go"))
		}
		runFor(t, w, 10*engine.Second)
		if len(got.got) != c.written || w.Stats().Restarts != c.boots || uint64(len(w.Fired())) != c.boots {
			t.Errorf("%v: %d written, %d restarts, %v", c.fault, len(got.got), w.Stats().Restarts, w.Fired())
		}
	}
}

// What cannot be read gives an error, and what lies before it; damage keeps to those
// that a replica set can do without, and to what was durable.
func TestVectorDamageKeepsToAMinority(t *testing.T) {
	for _, c := range []struct{ nodes, least, want int }{{3, 2, 1}, {5, 3, 2}, {1, 1, 0}, {3, 0, 3}} {
		o := sim.Options{Seed: 4, Slot: 100 * engine.Millisecond}
		o.Faults = fault.Plan{fault.BitRot: {Rate: 500_000}, fault.Misdirected: {Rate: 500_000}, fault.ReadError: {Rate: 500_000}}
		w := sim.New(o)
		var ids []engine.NodeID
		for i := range c.nodes {
			ids = append(ids, w.Boot(fmt.Sprintf("node-%d", i), func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
				fx.Persist("f", []byte("durable and long enough"))
				fx.Persist("f", []byte("and more"))
				return script{}, nil
			}, decodeNote))
		}
		w.Replicas(c.least, ids...)
		runFor(t, w, 3*engine.Second)
		if n := len(w.Damaged()); n != c.want {
			t.Errorf("%d nodes of which %d must stay whole: %d damaged", c.nodes, c.least, n)
		}
		if c.want == 0 && (w.Active()[fault.BitRot] || len(w.Fired()) != 0) {
			t.Error("damage where there is nothing to damage")
		}
		for _, id := range w.Damaged() {
			p := make([]byte, w.Disk(id).Size("f"))
			n, err := w.Disk(id).ReadAt("f", p, 0)
			if err == nil && string(p[:n]) == "durable and long enoughand more" || err != nil && n == len(p) {
				t.Errorf("node %d reads %q, %v", id, p[:n], err)
			}
		}
	}
}
