package sim_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine"
	"parallax/sim"
)

// What the conformance suite leaves open to drivers, or says less exactly, as
// this driver does it.

// witnessed boots a witness as node 1 and the script as node 2.
func witnessed(s stage, sc script) *witness {
	w := &witness{}
	s.Boot("witness", w.start, decodeNote)
	s.Boot("script", sc.start, decodeNote)
	s.settle()
	return w
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVectorIssueOrder(t *testing.T) {
	s := newStage(t, sim.Options{})
	w := witnessed(s, script{
		"go": func(_ engine.Event, fx *engine.Effects) {
			fx.Send(1, note("send 1"))
			fx.Persist("f", []byte("1"), to(1, "then 1a"), to(1, "then 1b"))
			fx.Persist("g", []byte("2"), to(1, "then 2"))
			fx.Send(1, note("send 2"))
			fx.SendEager(1, note("eager"))
			fx.SendEager(2, note("more"))
		},
		"more": func(_ engine.Event, fx *engine.Effects) {
			fx.Send(1, note("send 3"))
			fx.Persist("f", []byte("3"), to(1, "then 3"))
			fx.Send(1, note("send 4"))
		},
	})
	s.cue(2, "go")
	s.settle()
	expect(t, w.got, "eager", "then 1a", "then 1b", "then 2", "send 1", "send 2", "then 3", "send 3", "send 4")
}

func TestVectorTimers(t *testing.T) {
	s := newStage(t, sim.Options{})
	var got []string
	hear := func(ev engine.Event, _ *engine.Effects) { got = append(got, string(ev.Msg.(note))) }
	ms := engine.Millisecond
	sc := script{"go": func(_ engine.Event, fx *engine.Effects) {
		fx.After(1, 10*ms, note("first"))
		fx.After(1, 30*ms, note("later")) // replaces
		fx.After(2, 40*ms, note("never"))
		fx.After(2, 20*ms, note("sooner")) // replaces
		fx.After(3, 25*ms, note("cancelled"))
		fx.Cancel(3)
		fx.Cancel(4)
		fx.After(5, 0, note("now"))
		fx.After(6, math.MaxInt64, note("never"))
	}}
	for _, text := range []note{"first", "later", "never", "sooner", "cancelled", "now"} {
		sc[text] = hear
	}
	sc["sooner"] = func(ev engine.Event, fx *engine.Effects) {
		hear(ev, fx)
		fx.After(1, 50*ms, note("last"))
	}
	sc["last"] = hear
	witnessed(s, sc)
	s.cue(2, "go")
	s.settle()
	expect(t, got, "now", "sooner", "last")
}

func TestVectorTimersDieWithTheIncarnation(t *testing.T) {
	s := newStage(t, sim.Options{})
	heard := 0
	start := func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if env.Boot == 1 {
			fx.After(7, 1500*engine.Millisecond, note("ring"))
		}
		return script{
			"ring": func(engine.Event, *engine.Effects) { heard++ },
		}, nil
	}
	id := s.Boot("a", start, decodeNote)
	s.settle()
	s.restart(id)
	s.settle()
	if heard != 0 {
		t.Error("a timer fired in the next incarnation")
	}
}

func TestVectorBootsAndRand(t *testing.T) {
	s := newStage(t, sim.Options{})
	var boots []uint32
	var draws []uint64
	id := s.Boot("a", func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
		boots = append(boots, env.Boot)
		draws = append(draws, env.Rand.Uint64())
		return script{}, nil
	}, decodeNote)
	s.settle()
	for range 2 {
		s.restart(id)
		s.settle()
	}
	if diff := cmp.Diff([]uint32{1, 2, 3}, boots); diff != "" {
		t.Error(diff)
	}
	slices.Sort(draws)
	if len(slices.Compact(draws)) != 3 {
		t.Error("two incarnations drew the same")
	}
}

func TestVectorStartSeesDurableFiles(t *testing.T) {
	s := newStage(t, sim.Options{})
	var seen []string
	id := s.Boot("a", func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		for _, f := range env.Disk.Files() {
			seen = append(seen, f+"="+readAll(t, env.Disk, f))
		}
		if env.Boot == 1 {
			fx.Persist("b", []byte("1"))
			fx.Persist("a", []byte("2"))
			fx.Persist("b", []byte("3"))
			fx.Persist("c", []byte{})
		}
		return script{}, nil
	}, decodeNote)
	s.settle()
	s.restart(id)
	s.settle()
	expect(t, seen, "a=2", "b=13", "c=")
}

func TestVectorRemovesBecomeFinal(t *testing.T) {
	s := newStage(t, sim.Options{})
	var seen []string
	id := s.Boot("a", func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		seen = append(seen, strings.Join(env.Disk.Files(), " "))
		switch env.Boot {
		case 1:
			fx.Persist("x-1", []byte("1"))
		case 2:
			fx.Remove("x-1")
			fx.Remove("never-was")
			fx.Persist("x-2", []byte("2"))
		case 3:
			fx.Persist("x-3", []byte("3"))
		}
		sc := script{"sync": func(_ engine.Event, fx *engine.Effects) { fx.Persist("x-2", []byte("more")) }}
		return sc, nil
	}, decodeNote)
	s.settle()
	s.restart(id)
	s.settle()
	s.cue(id, "sync") // a sync after the removal makes it final
	s.settle()
	s.restart(id)
	s.settle()
	expect(t, seen, "", "x-1", "x-2")
}

// shared is a message that aliases its sender's memory.
type shared struct{ text *string }

func (shared) Kind() engine.Kind          { return 1 }
func (m shared) AppendTo(b []byte) []byte { return append(b, *m.text...) }

func TestVectorMessagesAreEncodedAtTheEnd(t *testing.T) {
	s := newStage(t, sim.Options{})
	text := "early"
	w := witnessed(s, script{
		"go": func(_ engine.Event, fx *engine.Effects) {
			fx.Send(1, shared{&text})
			fx.Persist("f", []byte("x"), engine.Envelope{To: 1, Msg: shared{&text}})
			fx.After(1, engine.Millisecond, shared{&text})
			text = "end"
			fx.SendEager(2, note("later"))
		},
		"later": func(engine.Event, *engine.Effects) { text = "late" },
		"end":   func(_ engine.Event, fx *engine.Effects) { fx.Send(1, note("timer said end")) },
	})
	s.cue(2, "go")
	s.settle()
	slices.Sort(w.got)
	expect(t, w.got, "end", "end", "timer said end")
}
