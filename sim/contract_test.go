package sim_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine"
)

// The contract of package engine, sentence by sentence, on any driver.
var contract = []struct {
	name string
	test func(t *testing.T, s stage)
}{
	{"ThensAndSendsLeaveInIssueOrder", thensAndSends},
	{"BarrierWaitsForEarlierPersists", barrier},
	{"SelfMessagesAreInOrder", selfOrder},
	{"SelfMessagesDieWithTheIncarnation", selfDies},
	{"TimersReplaceAndCancel", timers},
	{"TimersDieWithTheIncarnation", timersDie},
	{"BootRisesAndRandDiffers", boots},
	{"StartSeesDurableFilesSorted", startSees},
	{"RemovesComeAfterPersists", removes},
	{"FilesBelongToTheirIncarnation", foreignFile},
	{"FatalDiscardsTheStep", fatalDiscards},
	{"PanicIsFatal", panicIsFatal},
	{"StartErrorIsFatal", startError},
	{"MessagesAreEncodedAtTheEndOfTheStep", encodedAtEnd},
}

func TestContract(t *testing.T) {
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) { c.test(t, newSimStage(t)) })
	}
}

// witnessed boots a witness as node 1 and the script as node 2.
func witnessed(s stage, sc script) *witness {
	w := &witness{}
	s.Boot("witness", w.start, decodeNote)
	s.Boot("script", sc.start, decodeNote)
	s.Settle()
	return w
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func thensAndSends(t *testing.T, s stage) {
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
	s.Cue(2, "go")
	s.Settle()
	expect(t, w.got, "eager", "then 1a", "then 1b", "then 2", "send 1", "send 2", "then 3", "send 3", "send 4")
}

func barrier(t *testing.T, s stage) {
	w := witnessed(s, script{
		"idle": func(_ engine.Event, fx *engine.Effects) {
			fx.Persists = append(fx.Persists, engine.Persist{Then: []engine.Envelope{to(1, "nothing to wait for")}})
		},
		"go": func(_ engine.Event, fx *engine.Effects) {
			fx.Persist("f", []byte("1"), to(1, "then"))
			fx.Persists = append(fx.Persists, engine.Persist{Then: []engine.Envelope{to(1, "barrier")}})
			fx.Persist("f", []byte("2"), to(1, "behind"))
			fx.SendEager(1, note("eager"))
		},
	})
	s.Cue(2, "idle")
	s.Settle()
	s.Cue(2, "go")
	s.Settle()
	expect(t, w.got, "nothing to wait for", "eager", "then", "barrier", "behind")
}

func selfOrder(t *testing.T, s stage) {
	var got []string
	hear := func(ev engine.Event, _ *engine.Effects) { got = append(got, string(ev.Msg.(note))) }
	sc := script{"go": func(_ engine.Event, fx *engine.Effects) {
		for _, text := range []note{"a", "b", "c"} {
			fx.SendEager(2, text)
		}
		fx.Persist("f", []byte("x"), to(2, "d"), to(2, "e"))
		fx.Send(2, note("f"))
	}}
	for _, text := range []note{"a", "b", "c", "d", "e", "f"} {
		sc[text] = hear
	}
	witnessed(s, sc)
	s.Cue(2, "go")
	s.Settle()
	expect(t, got, "a", "b", "c", "d", "e", "f")
}

func selfDies(t *testing.T, s stage) {
	heard := 0
	start := func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if env.Boot == 1 {
			// The second message to oneself finds the node dead by the first.
			fx.SendEager(env.ID, note("die"))
			fx.SendEager(env.ID, note("late"))
		}
		return script{
			"die":  func(_ engine.Event, fx *engine.Effects) { fx.Fatal = errors.New("dies") },
			"late": func(engine.Event, *engine.Effects) { heard++ },
		}, nil
	}
	id := s.Boot("a", start, decodeNote)
	s.Settle()
	s.Restart(id)
	s.Settle()
	if heard != 0 {
		t.Error("a message to oneself reached the next incarnation")
	}
	s.Cue(id, "late")
	s.Settle()
	if heard != 1 {
		t.Error("the next incarnation does not hear")
	}
}

func timers(t *testing.T, s stage) {
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
	s.Cue(2, "go")
	s.Settle()
	expect(t, got, "now", "sooner", "last")
}

func timersDie(t *testing.T, s stage) {
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
	s.Settle()
	s.Restart(id)
	s.Settle()
	if heard != 0 {
		t.Error("a timer fired in the next incarnation")
	}
}

func boots(t *testing.T, s stage) {
	var boots []uint32
	var draws []uint64
	id := s.Boot("a", func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
		boots = append(boots, env.Boot)
		draws = append(draws, env.Rand.Uint64())
		return script{}, nil
	}, decodeNote)
	s.Settle()
	for range 2 {
		s.Restart(id)
		s.Settle()
	}
	if diff := cmp.Diff([]uint32{1, 2, 3}, boots); diff != "" {
		t.Error(diff)
	}
	slices.Sort(draws)
	if len(slices.Compact(draws)) != 3 {
		t.Error("two incarnations drew the same")
	}
}

func startSees(t *testing.T, s stage) {
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
	s.Settle()
	s.Restart(id)
	s.Settle()
	expect(t, seen, "a=2", "b=13", "c=")
}

func removes(t *testing.T, s stage) {
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
	s.Settle()
	s.Restart(id)
	s.Settle()
	s.Cue(id, "sync") // a sync after the removal makes it final
	s.Settle()
	s.Restart(id)
	s.Settle()
	expect(t, seen, "", "x-1", "x-2")
}

func foreignFile(t *testing.T, s stage) {
	id := s.Boot("a", func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
		fx.Persist("same", []byte("x"))
		return script{}, nil
	}, decodeNote)
	s.Settle()
	if err := s.Fatal(id); err != nil {
		t.Fatal(err)
	}
	s.Restart(id)
	s.Settle()
	if s.Fatal(id) == nil {
		t.Error("the second incarnation wrote to the first one's file")
	}
}

func fatalDiscards(t *testing.T, s stage) {
	why := errors.New("enough")
	var files []string
	w := &witness{}
	s.Boot("witness", w.start, decodeNote)
	id := s.Boot("a", func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
		files = env.Disk.Files()
		return script{"go": func(_ engine.Event, fx *engine.Effects) {
			fx.Persist("f", []byte("x"), to(1, "then"))
			fx.Send(1, note("send"))
			fx.SendEager(1, note("eager"))
			fx.Fatal = why
		}}, nil
	}, decodeNote)
	s.Settle()
	s.Cue(id, "go")
	s.Settle()
	if err := s.Fatal(id); !errors.Is(err, why) {
		t.Errorf("Fatal is %v", err)
	}
	s.Cue(id, "go")
	s.Settle()
	expect(t, w.got)
	s.Restart(id)
	s.Settle()
	if err := s.Fatal(id); err != nil {
		t.Errorf("an operator cannot restart the node: %v", err)
	}
	if len(files) > 0 {
		t.Errorf("a discarded persist left %v", files)
	}
}

func panicIsFatal(t *testing.T, s stage) {
	w := witnessed(s, script{"go": func(_ engine.Event, fx *engine.Effects) {
		fx.SendEager(1, note("eager"))
		panic("lost my head")
	}})
	s.Cue(2, "go")
	s.Settle()
	if err := s.Fatal(2); err == nil || !strings.Contains(err.Error(), "lost my head") {
		t.Errorf("Fatal is %v", err)
	}
	expect(t, w.got)
}

func startError(t *testing.T, s stage) {
	why := errors.New("not today")
	id := s.Boot("a", func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
		fx.Persist("f", []byte("x"))
		return nil, why
	}, decodeNote)
	s.Settle()
	if err := s.Fatal(id); !errors.Is(err, why) {
		t.Errorf("Fatal is %v", err)
	}
}

// shared is a message that aliases its sender's memory.
type shared struct{ text *string }

func (shared) Kind() engine.Kind          { return 1 }
func (m shared) AppendTo(b []byte) []byte { return append(b, *m.text...) }

func encodedAtEnd(t *testing.T, s stage) {
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
	s.Cue(2, "go")
	s.Settle()
	slices.Sort(w.got)
	expect(t, w.got, "end", "end", "timer said end")
}
