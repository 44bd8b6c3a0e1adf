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
)

// golden is the table of scenarios and their trace hashes. A change of a hash is
// a change of the world's or the counter's behaviour: it is committed together
// with its reason, never to make a test pass.
var golden = []struct {
	name    string
	options func(o *sim.Options)
	hash    uint64
	events  uint64
}{
	{"calm", func(o *sim.Options) { *o = sim.Options{Seed: o.Seed} }, 0xa9c7ab5d17e46773, 4569},
	{"network", func(o *sim.Options) {
		o.Storage, o.Process, o.Network.Sever = sim.Storage{}, sim.Process{}, 0
	}, 0x6f6c44b0887f8628, 5232},
	{"sever", func(o *sim.Options) {
		o.Storage, o.Process, o.Network = sim.Storage{}, sim.Process{}, sim.Network{Sever: 300_000}
	}, 0x7cc8eea0bd290c56, 4687},
	{"slow-sync", func(o *sim.Options) { o.Process, o.Network = sim.Process{}, sim.Network{} }, 0xd1b82fbbb399a50e, 5767},
	{"crash", func(o *sim.Options) {
		o.Storage, o.Network, o.Process = sim.Storage{}, sim.Network{}, sim.Process{Crash: 300_000}
	}, 0x792dd7634e045457, 5751},
	{"crash-at-persist", func(o *sim.Options) {
		o.Storage, o.Network, o.Process = sim.Storage{}, sim.Network{}, sim.Process{CrashAtPersist: 50_000}
	}, 0xa2a9082fe91de785, 6484},
	{"pause", func(o *sim.Options) {
		o.Storage, o.Network, o.Process = sim.Storage{}, sim.Network{}, sim.Process{Pause: 300_000}
	}, 0xf1a087e60388878b, 5504},
	{"all", func(*sim.Options) {}, 0x45d3b0c1e66e7ec0, 6051},
}

// scenario runs one line of the table.
func scenario(t *testing.T, i int) *deployment {
	t.Helper()
	o := options(uint64(i) + 1)
	golden[i].options(&o)
	d := deploy(o, counter.None, 200)
	if err := d.run(5 * engine.Second); err != nil {
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
