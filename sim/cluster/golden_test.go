package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"parallax/sim/story"
)

// golden is the trace hash of whole runs of drawn jobs, by seed; among them are sessions,
// hopping windows, strategies that learn, one broker and five. All of them keep the
// worker's checkpoints on its disk. A change of a hash is a change of how the world, the
// log, the worker, the view or the client behaves: it is committed together with its
// reason, never to make a test pass.
var golden = []struct{ seed, hash, events uint64 }{
	{1, 0x172a6c355d7068d5, 6623},
	{2, 0x9c478366da7ac2c3, 10454},
	{3, 0x833a0cec1d0e6893, 3122},
	{4, 0x9efa7321fec40309, 3984},
	{5, 0x693034154c75968c, 4445},
	{6, 0x22945786d33c9ee0, 4454},
	{7, 0xebf781f7d5ad8a80, 5017},
	{8, 0x787589f6bf0b4626, 2586},
	{12, 0x142251bc3f0dcb23, 3852},
	{16, 0xc5cfd4812fc26ef4, 13549},
	{30, 0x5f3312e6e9449e4c, 8921},
	{33, 0x1371058dc37b9182, 5538},
	{39, 0x49e99ebe78fd7fbf, 10329},
	{73, 0x099c59fe90b944a4, 4200},
	{101, 0xc205a02d0f212a2b, 4986},
}

// goldenStore is the same of runs whose checkpoints are in an object store; in the last two
// the worker loses its disk.
var goldenStore = []struct{ seed, hash, events uint64 }{
	{12, 0x3cac6d05c35c678b, 4491},
	{33, 0x3740a695f58904af, 5032},
	{11, 0xd1b71e1db58e4c5d, 6698},
	{17, 0x19c24b3962c48a74, 4483},
}

// The same hash in every run, on every machine and with every build.
func TestGoldenHashes(t *testing.T) {
	for i, g := range append(slices.Clone(golden), goldenStore...) {
		s := story.Draw(g.seed)
		if i < len(golden) {
			s.Sizes.Store = story.Store{}
			s.Restarts = slices.DeleteFunc(s.Restarts, func(r story.Restart) bool { return r.NewDisk })
		} else if !s.Sizes.Store.On {
			t.Errorf("seed %d has no store", g.seed)
		}
		d, err := Deploy(deployable(t, g.seed, s))
		if err == nil {
			err = d.Run(stormNs, calmNs)
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := d.Stats().Events; d.Hash() != g.hash || n != g.events {
			t.Errorf("seed %d: {%d, 0x%016x, %d} is not what the table says", g.seed, g.seed, d.Hash(), n)
		}
	}
}

// The table in other processes, with one processor and with two.
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

// Checking a run does not change it.
func TestDeterminismUnchecked(t *testing.T) {
	for seed := uint64(1); seed <= 4; seed++ {
		checked, err := runSmall(t, seed, nil)
		if err != nil {
			t.Fatal(err)
		}
		bare, err := runSmall(t, seed, func(o *Options) { o.Unchecked = true })
		if err != nil {
			t.Fatal(err)
		}
		if checked.Hash() != bare.Hash() || !slices.Equal(checked.Checkpoints(), bare.Checkpoints()) {
			t.Errorf("seed %d: another run without checks", seed)
		}
	}
}

// steps takes up to n events of a deployment.
func (d *Deployment) steps(n int) error {
	for range n {
		if _, err := d.Step(); err != nil {
			return err
		}
	}
	return nil
}

// Two worlds in one process, stepped in turns, and eight in goroutines: each has
// the hash that it has alone.
func TestDeterminismManyWorlds(t *testing.T) {
	const events, worlds = 3000, 8
	deploy := func(seed uint64) *Deployment {
		d, err := Deploy(drawJob(t, seed), drawOptions(seed))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	alone := make([]uint64, worlds)
	for i := range alone {
		d := deploy(uint64(i) + 1)
		if err := d.steps(events); err != nil {
			t.Fatal(err)
		}
		alone[i] = d.Hash()
	}
	for i := 0; i+1 < worlds; i += 2 {
		a, b := deploy(uint64(i)+1), deploy(uint64(i)+2)
		for range events {
			if err := a.steps(1); err != nil {
				t.Fatal(err)
			}
			if err := b.steps(1); err != nil {
				t.Fatal(err)
			}
		}
		if a.Hash() != alone[i] || b.Hash() != alone[i+1] {
			t.Errorf("seeds %d and %d: in turns 0x%x and 0x%x, alone 0x%x and 0x%x", i+1, i+2, a.Hash(), b.Hash(), alone[i], alone[i+1])
		}
	}
	var all sync.WaitGroup
	hashes, errs := make([]uint64, worlds), make([]error, worlds)
	for i := range worlds {
		d := deploy(uint64(i) + 1)
		all.Go(func() {
			errs[i] = d.steps(events)
			hashes[i] = d.Hash()
		})
	}
	all.Wait()
	if !slices.Equal(hashes, alone) {
		t.Errorf("in goroutines %x, alone %x, %v", hashes, alone, fmt.Sprint(errs))
	}
}
