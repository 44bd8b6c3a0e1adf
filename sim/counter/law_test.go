package counter_test

import (
	"fmt"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/counter"
)

// The faults that hit a name are the same in two runs that share little else
// than the seed: one client is never booted, so retries, answers and crashes
// come at other moments.
func TestLawNamesKeepTheirFaults(t *testing.T) {
	fates := func(seed uint64, absent engine.NodeID) map[uint64]string {
		w := sim.New(options(seed))
		w.Boot("primary", counter.StartPrimary(backup, counter.None), counter.Decode)
		w.Boot("backup", counter.StartBackup, counter.Decode)
		for i := range clients {
			goal := uint64(50)
			if firstClient+engine.NodeID(i) == absent {
				goal = 0
			}
			w.Boot(fmt.Sprintf("client-%d", i), counter.StartClient(primary, goal), counter.Decode)
		}
		fate := map[uint64]string{}
		w.OnTrace(func(r sim.Trace) {
			switch r.Op {
			case "message", "drop", "duplicate", "reorder", "slow":
				if r.From != r.To && !strings.Contains(fate[r.Name], r.Op) {
					fate[r.Name] += r.Op + " "
				}
			}
		})
		if err := w.RunFor(5 * engine.Second); err != nil {
			t.Fatal(err)
		}
		return fate
	}
	// Whether a copy arrives may differ, as its node may be down; whether it was
	// dropped, doubled or held up may not.
	faults := func(fate string) string { return strings.TrimSpace(strings.ReplaceAll(fate, "message", "")) }
	shared, hit := 0, 0
	for seed := range uint64(20) {
		all, fewer := fates(seed, 0), fates(seed, firstClient+1)
		for name, fate := range fewer {
			other, ok := all[name]
			if !ok {
				continue
			}
			shared++
			if faults(fate) != "" {
				hit++
			}
			if faults(fate) != faults(other) {
				t.Errorf("seed %d, name %x: %q without a client, %q with it", seed, name, fate, other)
			}
		}
	}
	t.Logf("%d shared names, %d of them hit", shared, hit)
	if shared < 1000 || hit < 50 {
		t.Errorf("only %d names are shared, %d of them hit: nothing was shown", shared, hit)
	}
}
