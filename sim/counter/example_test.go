package counter_test

import (
	"fmt"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/counter"
)

// A counter in a world where everything breaks for two seconds and then heals:
// every increment is acknowledged once, and both ledgers hold it.
func Example() {
	w := sim.New(sim.AllFaults(1))
	w.Boot("primary", counter.StartPrimary(2, counter.None), counter.Decode)
	w.Boot("backup", counter.StartBackup, counter.Decode)
	client := w.Boot("client", counter.StartClient(1, 500), counter.Decode)

	var audit counter.Audit
	w.OnStep(func(w *sim.World) error {
		if c, ok := w.Actor(client).(*counter.Client); ok && audit.Acked(client, c.Acked()) {
			if err := audit.Disk(w.Disk(1)); err != nil {
				return err
			}
			return audit.Disk(w.Disk(2))
		}
		return nil
	})
	if err := w.RunFor(2 * engine.Second); err != nil {
		fmt.Println(err)
	}
	w.Calm()
	if err := w.RunFor(10 * engine.Second); err != nil {
		fmt.Println(err)
	}
	s := w.Stats()
	fmt.Println("faults:", s.Dropped > 0, s.Duplicated > 0, s.CrashesAtPersist > 0)
	fmt.Println("acknowledged:", audit.Total())
	// Output:
	// faults: true true true
	// acknowledged: 500
}
