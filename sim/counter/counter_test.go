package counter_test

import (
	"errors"
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/counter"
)

// The nodes of the deployment, in the order of booting.
const (
	primary engine.NodeID = 1 + iota
	backup
	firstClient
	clients = 3
)

// deployment is a world with a counter in it and the invariants on.
type deployment struct {
	*sim.World
	audit counter.Audit
	goal  uint64
}

func deploy(opts sim.Options, defect counter.Defect, goal uint64) *deployment {
	d := &deployment{World: sim.New(opts), goal: goal}
	d.Boot("primary", counter.StartPrimary(backup, defect), counter.Decode)
	d.Boot("backup", counter.StartBackup, counter.Decode)
	for i := range clients {
		d.Boot(fmt.Sprintf("client-%d", i), counter.StartClient(primary, goal), counter.Decode)
	}
	d.OnStep(d.check)
	return d
}

// check is the invariant: what any client knows is in every ledger that a node
// has in memory; and, whenever a client learns something and now and then, on
// every disk.
func (d *deployment) check(w *sim.World) error {
	news := w.Stats().Events%256 == 0
	for id := firstClient; id < firstClient+clients; id++ {
		if c, ok := w.Actor(id).(*counter.Client); ok {
			news = d.audit.Acked(id, c.Acked()) || news
		}
	}
	for id := primary; id <= backup; id++ {
		if a := w.Actor(id); a != nil {
			if err := d.audit.Live(a); err != nil {
				return err
			}
		}
		if news {
			if err := d.audit.Disk(w.Disk(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// errStuck is the failure of the second phase.
var errStuck = errors.New("increments are not acknowledged although everything healed")

// run is the two phases: faults, then calm until everything is acknowledged.
func (d *deployment) run(faultsNs int64) error {
	if err := d.RunFor(faultsNs); err != nil {
		return err
	}
	d.Calm()
	for range 100 {
		if d.audit.Total() == clients*d.goal {
			return nil
		}
		if err := d.RunFor(100 * engine.Millisecond); err != nil {
			return err
		}
	}
	return errStuck
}

func options(seed uint64) sim.Options {
	o := sim.AllFaults(seed)
	o.Slot = 500 * engine.Millisecond
	o.Reproduce = fmt.Sprintf("go test ./sim/counter -run TestFaults -counter.seed=%d", seed)
	return o
}

func TestFaults(t *testing.T) {
	var sum sim.Stats
	for seed := range uint64(2000) {
		d := deploy(options(seed), counter.None, 30)
		if err := d.run(2 * engine.Second); err != nil {
			t.Fatal(seed, err)
		}
		s := d.Stats()
		sum.Events += s.Events
		sum.Crashes += s.Crashes
		sum.CrashesAtPersist += s.CrashesAtPersist
		sum.TornWrites += s.TornWrites
		sum.LostWrites += s.LostWrites
		sum.UndoneRemoves += s.UndoneRemoves
		sum.Zombies += s.Zombies
		sum.Severs += s.Severs
		sum.Dropped += s.Dropped
		sum.Duplicated += s.Duplicated
		sum.Persists += s.Persists
	}
	t.Logf("%+v", sum)
}

func TestDefects(t *testing.T) {
	for defect := counter.EarlyAck; defect <= counter.EagerCopy; defect++ {
		n := 0
		var last error
		for seed := range uint64(300) {
			d := deploy(options(seed), defect, 30)
			if err := d.run(2 * engine.Second); err != nil {
				n++
				last = err
			}
		}
		t.Log(defect, n, last)
	}
}
