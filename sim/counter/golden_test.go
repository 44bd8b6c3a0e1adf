package counter_test

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/counter"
	"parallax/sim/fault"
)

// golden is the table of scenarios and their trace hashes. A change of a hash is
// a change of the world's or the counter's behaviour: it is committed together
// with its reason, never to make a test pass.
var golden = []struct {
	name    string
	options func(o *sim.Options)
	fired   func(s sim.Stats) uint64 // the rarest fault of the scenario
	hash    uint64
	events  uint64
}{
	{"calm", func(o *sim.Options) { *o = sim.Options{Seed: o.Seed} }, func(s sim.Stats) uint64 { return s.Steps }, 0x85068ded3890f3f3, 3390},
	{"network", func(o *sim.Options) {
		o.Faults = o.Faults.Only(fault.Drop, fault.Duplicate, fault.Reorder, fault.Slow)
	}, func(s sim.Stats) uint64 { return min(s.Dropped, s.Duplicated, s.Reordered, s.Slowed) }, 0xc4dff9f6aaafca5d, 3811},
	{"sever", func(o *sim.Options) {
		o.Faults = fault.Plan{fault.Sever: {Rate: 200_000}, fault.OneWay: {Rate: 100_000}}
	}, func(s sim.Stats) uint64 { return s.SeveredMessages }, 0x41393952fe3bfb1a, 4065},
	{"slow-sync", func(o *sim.Options) { o.Faults = o.Faults.Only(fault.SlowSync) }, func(s sim.Stats) uint64 { return s.SlowSyncs }, 0x156d581c4886e8a5, 4398},
	{"crash", func(o *sim.Options) {
		o.Faults = o.Faults.Only(fault.Crash)
		o.Faults[fault.Crash].Rate = 300_000
	}, func(s sim.Stats) uint64 { return s.Crashes }, 0x9835adc58a79cbb8, 4184},
	{"crash-at-persist", func(o *sim.Options) {
		o.Faults = o.Faults.Only(fault.CrashAtPersist)
		o.Faults[fault.CrashAtPersist].Rate = 50_000
	}, func(s sim.Stats) uint64 { return s.CrashesAtPersist }, 0xc7d428c8fa11158a, 4261},
	{"pause", func(o *sim.Options) {
		o.Faults = o.Faults.Only(fault.Pause)
		o.Faults[fault.Pause].Rate = 300_000
	}, func(s sim.Stats) uint64 { return s.Zombies }, 0xe91ecddab6097f6c, 3798},
	{"all", func(o *sim.Options) {
		o.Faults[fault.CrashAtPersist].Rate = 20_000
		for _, f := range []fault.Family{fault.Sever, fault.OneWay, fault.Pause} { // as the slots are short
			o.Faults[f] = fault.Strength{Rate: o.Faults[f].Rate, Least: 1, Most: 200 * engine.Millisecond}
		}
	}, func(s sim.Stats) uint64 {
		return min(s.Slowed, s.SeveredMessages, s.SlowSyncs, s.CrashesAtPersist, s.Zombies)
	}, 0x537db1593d26d8cf, 4039},
}

// scenario runs one line of the table.
func scenario(t *testing.T, i int) *deployment {
	t.Helper()
	o := options(uint64(i) + 1)
	golden[i].options(&o)
	o.Slot = 100 * engine.Millisecond
	d := deploy(o, counter.None, 150)
	if err := d.run(3 * engine.Second); err != nil {
		t.Error(golden[i].name, err)
	}
	return d
}

func TestGoldenHashes(t *testing.T) {
	for i, g := range golden {
		first, second := scenario(t, i), scenario(t, i)
		if first.Hash() != second.Hash() || !slices.Equal(first.Checkpoints(), second.Checkpoints()) {
			t.Errorf("%s: two runs in one process differ", g.name)
		}
		if n := first.Stats().Events; first.Hash() != g.hash || n != g.events {
			t.Errorf("%s: hash 0x%016x, events %d; the table says 0x%016x, %d", g.name, first.Hash(), n, g.hash, g.events)
		}
		if g.fired(first.Stats()) == 0 {
			t.Errorf("%s: its fault never fired", g.name)
		}
		if n := int(first.Stats().Events / 1024); n != len(first.Checkpoints()) {
			t.Errorf("%s: %d checkpoints, want %d", g.name, len(first.Checkpoints()), n)
		}
	}
}

// The same table in other processes, with one processor and with two.
func TestDeterminismProcesses(t *testing.T) {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("this system starts no processes")
	}
	for _, procs := range []string{"1", "2"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestGoldenHashes$", "-test.v")
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+procs)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestGoldenHashes") {
			t.Errorf("GOMAXPROCS=%s: %v\n%s", procs, err, out)
		}
	}
}

// Two worlds stepped in turns, and several in goroutines, share nothing.
func TestDeterminismManyWorlds(t *testing.T) {
	worlds := make([]*sim.World, 2*len(golden))
	for i := range worlds {
		o := options(uint64(i%len(golden)) + 1)
		golden[i%len(golden)].options(&o)
		worlds[i] = deploy(o, counter.None, 50).World
	}
	half := len(golden)
	for range 2000 {
		for _, w := range worlds[:half] {
			if _, err := w.Step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var all sync.WaitGroup
	for _, w := range worlds[half:] {
		all.Go(func() {
			for range 2000 {
				if _, err := w.Step(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	for i := range golden {
		if a, b := worlds[i].Hash(), worlds[half+i].Hash(); a != b {
			t.Errorf("%s: 0x%x in turns, 0x%x in a goroutine", golden[i].name, a, b)
		}
	}
}

// forgetful keeps state outside of itself, as no actor may.
type forgetful struct{ outside *uint64 }

func (f forgetful) Step(_ engine.Event, fx *engine.Effects) {
	*f.outside++
	fx.After(1, int64(*f.outside), beat{})
}

type beat struct{}

func (beat) Kind() engine.Kind        { return 1 }
func (beat) AppendTo(b []byte) []byte { return b }

// A run that depends on anything but its options shows in its hash.
func TestDeterminismDefectShows(t *testing.T) {
	outside := uint64(0)
	run := func() *sim.World {
		w := sim.New(sim.Options{})
		start := func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
			fx.After(1, 1, beat{})
			return forgetful{&outside}, nil
		}
		w.Boot("a", start, func(engine.Kind, []byte) (engine.Message, error) { return beat{}, nil })
		for range 5000 {
			if _, err := w.Step(); err != nil {
				t.Fatal(err)
			}
		}
		return w
	}
	a, b := run(), run()
	if a.Hash() == b.Hash() || a.Checkpoints()[0] == b.Checkpoints()[0] {
		t.Error("two runs that differ have one hash")
	}
}
