package sim_test

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

// keeper stores every text it is sent and answers when the text is safe. If it
// is hasty, it answers at once.
type keeper struct {
	file  string
	hasty bool
}

func (k *keeper) Step(ev engine.Event, fx *engine.Effects) {
	text := ev.Msg.(note)
	fx.Persist(k.file, []byte(text))
	if k.hasty {
		fx.SendEager(ev.From, "kept "+text)
	} else {
		fx.Send(ev.From, "kept "+text)
	}
}

// An actor that promises too early, and an invariant that notices.
func Example() {
	for _, hasty := range []bool{false, true} {
		w := sim.New(sim.AllFaults(1))
		asker := &witness{}
		w.Boot("asker", asker.start, decodeNote)
		id := w.Boot("keeper", func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
			return &keeper{file: fmt.Sprintf("texts-%d", env.Boot), hasty: hasty}, nil
		}, decodeNote)
		w.OnStep(func(w *sim.World) error {
			if len(asker.got) > 0 && len(w.Disk(id).Files()) == 0 {
				return errors.New("told to be kept, but on no disk")
			}
			return nil
		})
		w.Inject(engine.Instant(10*engine.Millisecond), 1, id, note("this"))
		err := w.RunFor(engine.Second)
		fmt.Println(asker.got, err)
	}
	// Output:
	// [kept this] <nil>
	// [kept this] event 4 at 10273665 ns: told to be kept, but on no disk (reproduce: seed 1)
}

// Every state that a crash can leave of two files with one unsynced write each.
func ExampleDisk_CrashStates() {
	var fx engine.Effects
	fx.Persist("a", []byte("x"))
	fx.Persist("b", []byte("yz"))
	d := sim.NewDisk()
	if err := d.Issue(&fx); err != nil {
		fmt.Println(err)
	}
	n := 0
	for state := range d.CrashStates(nil) {
		n++
		if files := state.Files(); len(files) == 2 && state.Size("b") > state.Size("a") {
			fmt.Println("a", state.Size("a"), "b", state.Size("b"))
		}
	}
	fmt.Println(n, "states")
	// Output:
	// a 0 b 1
	// a 0 b 2
	// a 0 b 2
	// a 1 b 2
	// a 1 b 2
	// 15 states
}

// A trace is how one run is told from another: here, what a fault changed.
func ExampleWorld_OnTrace() {
	run := func(drop fault.Rate) (ops []string, hash uint64) {
		w := sim.New(sim.Options{Faults: fault.Plan{fault.Drop: {Rate: drop}}})
		asker := &witness{}
		w.Boot("asker", asker.start, decodeNote)
		w.Boot("keeper", func(engine.Env, *engine.Effects) (engine.Actor, error) {
			return &keeper{file: "texts"}, nil
		}, decodeNote)
		w.OnTrace(func(r sim.Trace) { ops = append(ops, r.Op) })
		w.Inject(0, 1, 2, note("this"))
		if err := w.RunFor(engine.Second); err != nil {
			fmt.Println(err)
		}
		return ops, w.Hash()
	}
	whole, a := run(0)
	broken, b := run(1_000_000)
	fmt.Println(whole)
	fmt.Println(broken)
	fmt.Println("same hash:", a == b)
	// Output:
	// [start start message persist synced message]
	// [start start message persist synced drop]
	// same hash: false
}
