package sim_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

// worldStage is witnessed, with the world in hand.
func worldStage(t *testing.T, opts sim.Options, sc script) (*sim.World, *witness) {
	t.Helper()
	s := newStage(t, opts)
	return s.World, witnessed(s, sc)
}

func runFor(t *testing.T, w *sim.World, ns int64) {
	t.Helper()
	if err := w.RunFor(ns); err != nil {
		t.Fatal(err)
	}
}

// two persists one after another, and a later step that sends what it knows.
var twoPersists = script{
	"go": func(_ engine.Event, fx *engine.Effects) {
		fx.Persist("f", []byte("1"), to(1, "then 1"))
		fx.Persist("g", []byte("2"), to(1, "then 2"))
		fx.Send(1, note("send"))
		fx.SendEager(1, note("eager"))
		fx.SendEager(2, note("more"))
	},
	"more": func(_ engine.Event, fx *engine.Effects) { fx.Send(1, note("later step")) },
}

func TestVectorCrashMoments(t *testing.T) {
	for _, c := range []struct {
		moment fault.Moment
		k      uint64
		want   string
		files  string // "" if it is up to the crash
	}{
		{fault.Issued, 1, "eager", ""},
		{fault.Issued, 2, "eager", ""},
		{fault.InSync, 1, "eager", ""},
		{fault.Durable, 1, "eager", "f g"},
		{fault.Released, 1, "eager,then 1", "f g"},
		{fault.Durable, 2, "eager,then 1", "f g"},
		{fault.Released, 2, "eager,then 1,then 2,send,later step", "f g"},
		{fault.Released, 3, "eager,then 1,then 2,send,later step", "f g"},
	} {
		w, got := worldStage(t, sim.Options{}, twoPersists)
		w.CrashAtPersist(2, c.k, c.moment)
		w.Inject(w.Now(), 0, 2, note("go"))
		runFor(t, w, 5*engine.Second)
		if text := strings.Join(got.got, ","); text != c.want {
			t.Errorf("crash at persist %d, moment %d: %q, want %q", c.k, c.moment, text, c.want)
		}
		s := w.Stats()
		if want := uint64(1); c.k < 3 && (s.CrashesAtPersist != want || s.Restarts != want) {
			t.Errorf("crash at persist %d, moment %d: %d crashes, %d restarts", c.k, c.moment, s.CrashesAtPersist, s.Restarts)
		}
		if files := strings.Join(w.Disk(2).Files(), " "); c.files != "" && files != c.files {
			t.Errorf("crash at persist %d, moment %d: files %q", c.k, c.moment, files)
		}
	}
}

func TestVectorNothingUndurableIsRevealed(t *testing.T) {
	w, got := worldStage(t, sim.Options{}, twoPersists)
	w.OnStep(func(w *sim.World) error {
		if n := len(got.got); n > 1 && len(w.Disk(2).Files()) < 2 {
			return errors.New("a message left before its persist was durable")
		}
		return nil
	})
	w.Inject(w.Now(), 0, 2, note("go"))
	runFor(t, w, engine.Second)
	if len(got.got) != 5 {
		t.Errorf("got %q", got.got)
	}
}

func TestVectorGroupCommit(t *testing.T) {
	sc := script{"go": func(_ engine.Event, fx *engine.Effects) { fx.Persist("f", []byte("x"), to(1, "then")) }}
	w, got := worldStage(t, sim.Options{}, sc)
	for range 100 {
		w.Inject(w.Now(), 0, 2, note("go"))
	}
	runFor(t, w, engine.Second)
	if s := w.Stats(); s.Persists != 100 || s.Syncs != 2 || len(got.got) != 100 {
		t.Errorf("%d persists took %d syncs and gave %d answers; want 100, 2, 100", s.Persists, s.Syncs, len(got.got))
	}
}

func TestVectorZombie(t *testing.T) {
	sc := script{
		"go": func(_ engine.Event, fx *engine.Effects) {
			fx.Persist("f", []byte("x"), to(1, "then"))
			fx.After(1, 10*engine.Millisecond, note("ring"))
		},
		"ring": func(_ engine.Event, fx *engine.Effects) { fx.SendEager(1, note("rang")) },
		"hear": func(_ engine.Event, fx *engine.Effects) { fx.SendEager(1, note("heard")) },
	}
	w, got := worldStage(t, sim.Options{}, sc)
	w.Inject(w.Now(), 0, 2, note("go"))
	runFor(t, w, 10*engine.Microsecond) // the step is done, the sync is not
	w.Pause(2)
	w.Inject(w.Now(), 0, 2, note("hear"))
	runFor(t, w, engine.Second)
	if len(got.got) != 0 {
		t.Errorf("a paused node did %q", got.got)
	}
	if readAll(t, w.Disk(2), "f") != "x" {
		t.Error("a sync under way does not end while its process is paused")
	}
	woken := w.Now()
	w.Resume(2)
	runFor(t, w, engine.Second)
	expect(t, got.got, "then", "heard", "rang")
	if s := w.Stats(); got.at[0] < woken || s.Zombies != 1 || s.Restarts != 0 {
		t.Errorf("woken at %d, first message at %d, %+v", woken, got.at[0], s)
	}
}

func TestVectorReadsAndWorkTakeTime(t *testing.T) {
	costs := sim.Costs{Version: 7, ReadNs: 1000, ReadBytePs: 500, StartNs: 50}
	var disk engine.Disk
	start := func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		disk = env.Disk
		if env.Boot == 1 {
			fx.Persist("f", make([]byte, 4000))
		} else {
			readAll(t, disk, disk.Files()[0])
		}
		fx.SendEager(1, note("up"))
		return script{
			"read": func(_ engine.Event, fx *engine.Effects) {
				readAll(t, disk, "f")
				fx.SendEager(1, note("read"))
			},
			"work": func(_ engine.Event, fx *engine.Effects) {
				fx.Work = 12_345
				fx.SendEager(1, note("worked"))
			},
		}, nil
	}
	w := sim.New(sim.Options{Costs: costs, Network: sim.Network{DelayMin: 1, DelayMax: 1}})
	got := &witness{}
	w.Boot("witness", got.start, decodeNote)
	w.Boot("reader", start, decodeNote)
	runFor(t, w, engine.Second)
	var starts []engine.Instant
	do := func(text note) {
		starts = append(starts, w.Now())
		w.Inject(w.Now(), 0, 2, text)
		runFor(t, w, engine.Second)
	}
	do("read")
	do("work")
	starts = append(starts, w.Now())
	w.Crash(2)
	w.Restart(2)
	runFor(t, w, engine.Second)
	// A start costs 50, a listing or read 1000, a byte half a nanosecond, the
	// network 1.
	want := []int64{1000 + 2000 + 1, 12_345 + 1, 50 + 1000 + 1000 + 2000 + 1}
	var took []int64
	for i, at := range starts {
		took = append(took, int64(got.at[i+1]-at))
	}
	if diff := cmp.Diff(want, took); diff != "" {
		t.Error(diff)
	}
}

func TestVectorSeverAndHeal(t *testing.T) {
	answer := script{"ask": func(_ engine.Event, fx *engine.Effects) { fx.SendEager(1, note("answer")) }}
	w, got := worldStage(t, sim.Options{}, answer)
	try := func(want int) {
		t.Helper()
		before := len(got.got)
		w.Inject(w.Now(), 0, 2, note("ask"))
		runFor(t, w, engine.Second)
		if len(got.got)-before != want {
			t.Errorf("%d answers, want %d", len(got.got)-before, want)
		}
	}
	try(1)
	w.Sever(1, 2)
	try(1) // the other direction
	w.Sever(2, 1)
	try(0)
	w.Heal(1, 2)
	try(1)
	w.SeverBoth(1, 2)
	try(0)
	w.Calm()
	try(1)
	if s := w.Stats(); s.SeveredMessages != 2 {
		t.Errorf("%d messages lost", s.SeveredMessages)
	}
}

func TestVectorInboxLimit(t *testing.T) {
	slow := script{"job": func(_ engine.Event, fx *engine.Effects) {
		fx.Work = engine.Second
		fx.SendEager(2, note("own"))
	}}
	own := 0
	slow["own"] = func(engine.Event, *engine.Effects) { own++ }
	w, _ := worldStage(t, sim.Options{InboxMax: 3}, slow)
	for range 10 {
		w.Inject(w.Now(), 1, 2, note("job"))
	}
	runFor(t, w, 60*engine.Second)
	if s := w.Stats(); s.Overflowed != 6 || own != 4 {
		t.Errorf("%d lost, %d own messages; want 6 and 4", s.Overflowed, own)
	}
}

func TestVectorFailureNamesItsEvent(t *testing.T) {
	why := errors.New("invariant broken")
	run := func(opts sim.Options, sc script, inv bool) *sim.Failure {
		w, got := worldStage(t, opts, sc)
		if inv {
			w.OnStep(func(*sim.World) error {
				if len(got.got) > 0 {
					return why
				}
				return nil
			})
		}
		w.Inject(w.Now(), 0, 2, note("go"))
		err := w.RunFor(engine.Second)
		var f *sim.Failure
		if !errors.As(err, &f) {
			t.Fatalf("no failure: %v", err)
		}
		if _, again := w.Step(); !errors.Is(again, err) {
			t.Error("the world goes on after its failure")
		}
		if f.Event == 0 || f.Event != w.Stats().Events || strings.Contains(f.Error(), "\n") {
			t.Errorf("%+v", f)
		}
		return f
	}
	f := run(sim.Options{Seed: 77}, twoPersists, true)
	if !errors.Is(f, why) || !strings.Contains(f.Error(), "reproduce: seed 77") {
		t.Error(f)
	}
	f = run(sim.Options{Reproduce: "go test -run X"}, script{
		"go": func(engine.Event, *engine.Effects) { panic("boom") },
	}, false)
	if f.Node != "script" || len(f.Stack) == 0 || !strings.Contains(f.Error(), "boom (reproduce: go test -run X)") {
		t.Error(f)
	}
	f = run(sim.Options{}, script{
		"go": func(_ engine.Event, fx *engine.Effects) { fx.Send(99, note("?")) },
	}, false)
	if !strings.Contains(f.Error(), "never booted") {
		t.Error(f)
	}
}

// What cannot be lost is bounded all the same.
func TestVectorFloodsFail(t *testing.T) {
	many := func(to engine.NodeID, undurable bool) script {
		return script{"go": func(_ engine.Event, fx *engine.Effects) {
			if undurable {
				fx.Persist("f", []byte("x"))
			}
			for range 1<<18 + 1 {
				fx.Send(to, note(""))
			}
			fx.Send(2, note("go"))
		}}
	}
	for want, sc := range map[string]script{
		"wait for persists": many(1, true),
		"to oneself":        many(2, false),
	} {
		w, _ := worldStage(t, sim.Options{InboxMax: 1}, sc)
		w.Inject(w.Now(), 0, 2, note("go"))
		if err := w.RunFor(10 * engine.Second); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// An invariant may act: here it crashes a node whenever the other has heard.
func TestVectorOnStepMayAct(t *testing.T) {
	w, got := worldStage(t, sim.Options{}, twoPersists)
	w.OnStep(func(w *sim.World) error {
		if len(got.got) == 3 && w.Actor(2) != nil {
			w.Crash(2)
		}
		return nil
	})
	w.Inject(w.Now(), 0, 2, note("go"))
	runFor(t, w, engine.Second)
	if w.Actor(2) != nil || w.Stats().Crashes != 1 {
		t.Error("the node is up")
	}
	w.Calm()
	runFor(t, w, engine.Second)
	if w.Actor(2) == nil {
		t.Error("the node is down after all is calm")
	}
}

// kinded is a note of another kind.
type kinded struct{ note }

func (kinded) Kind() engine.Kind { return 3 }

// The hash tells runs apart that differ in one thing only.
func TestVectorHashCovers(t *testing.T) {
	decode := func(_ engine.Kind, b []byte) (engine.Message, error) { return note(b), nil }
	run := func(change func(fx *engine.Effects)) uint64 {
		w := sim.New(sim.Options{})
		for _, name := range []string{"a", "b", "c"} {
			w.Boot(name, script{"go": func(_ engine.Event, fx *engine.Effects) {
				fx.Persist("f", []byte("x"))
				fx.Send(2, note("hello"))
				change(fx)
			}}.start, decode)
		}
		w.Inject(1000, 0, 1, note("go"))
		runFor(t, w, engine.Second)
		return w.Hash()
	}
	changes := map[string]func(fx *engine.Effects){
		"nothing":  func(*engine.Effects) {},
		"message":  func(fx *engine.Effects) { fx.Sends[0].Msg = note("hallo") },
		"kind":     func(fx *engine.Effects) { fx.Sends[0].Msg = kinded{"hello"} },
		"receiver": func(fx *engine.Effects) { fx.Sends[0].To = 3 },
		"data":     func(fx *engine.Effects) { fx.Persists[0].Data[0]++ },
		"file":     func(fx *engine.Effects) { fx.Persists[0].File = "g" },
		"remove":   func(fx *engine.Effects) { fx.Remove("f") },
		"work":     func(fx *engine.Effects) { fx.Work++ },
		"timer":    func(fx *engine.Effects) { fx.After(1, 1, note("")) },
		"eager":    func(fx *engine.Effects) { fx.Sends, fx.Eager = nil, fx.Sends },
	}
	seen := map[uint64]string{}
	for name, change := range changes {
		h := run(change)
		if other, ok := seen[h]; ok {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[h] = name
	}
	if len(seen) != len(changes) || seen[run(changes["nothing"])] != "nothing" {
		t.Error("a run does not repeat its hash")
	}
}
