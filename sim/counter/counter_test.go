package counter_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
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
	d.boot(defect, goal)
	d.OnStep(d.check)
	return d
}

func (d *deployment) boot(defect counter.Defect, goal uint64) {
	d.Boot("primary", counter.StartPrimary(backup, defect), counter.Decode)
	d.Boot("backup", counter.StartBackup, counter.Decode)
	for i := range clients {
		d.Boot(fmt.Sprintf("client-%d", i), counter.StartClient(primary, goal), counter.Decode)
	}
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
	o.Reproduce = fmt.Sprintf("PARALLAX_SEEDS=%d..%d go test ./sim/counter -run TestFaults", seed, seed)
	return o
}

// seeds are those of PARALLAX_SEEDS=A..B, else 1..n.
func seeds(t *testing.T, n uint64) (from, to uint64) {
	t.Helper()
	text := os.Getenv("PARALLAX_SEEDS")
	if text == "" {
		return 1, n
	}
	if _, err := fmt.Sscanf(text, "%d..%d", &from, &to); err != nil {
		t.Fatalf("PARALLAX_SEEDS=%q: %v", text, err)
	}
	return from, to
}

// Every family at once, thousands of seeds, no violation; and every family
// fired, else nothing was shown.
func TestFaults(t *testing.T) {
	fired := map[string]uint64{}
	from, to := seeds(t, 1500)
	for seed := from; seed <= to; seed++ {
		d := deploy(options(seed), counter.None, 30)
		if err := d.run(2 * engine.Second); err != nil {
			t.Fatal(err)
		}
		s := reflect.ValueOf(d.Stats())
		for i := range s.NumField() {
			fired[s.Type().Field(i).Name] += s.Field(i).Uint()
		}
	}
	t.Logf("%d seeds: %v", to-from+1, fired)
	if to-from < 100 {
		return // a replay of a few seeds shows only that they pass
	}
	for name, n := range fired {
		if quiet := name == "Fatals" || name == "Overflowed"; (n == 0) != quiet {
			t.Errorf("%s: %d over all seeds", name, n)
		}
	}
}

// Each planted defect is found from random seeds, by the invariant that is there
// for it.
func TestDefectsAreCaught(t *testing.T) {
	for _, c := range []struct {
		name   string
		defect counter.Defect
		is     error // nil for any: the ledgers part, and that has many faces
	}{
		{"early ack", counter.EarlyAck, counter.ErrLost},
		{"early re-ack", counter.EarlyReack, counter.ErrLost},
		{"no dedup", counter.NoDedup, counter.ErrTwice},
		{"torn tail", counter.TornTail, nil},
		{"eager copy", counter.EagerCopy, nil},
	} {
		const most = 300
		caught, first := 0, uint64(0)
		for seed := uint64(1); seed <= most; seed++ {
			err := deploy(options(seed), c.defect, 30).run(2 * engine.Second)
			if err == nil {
				continue
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%s: caught by something else: %v", c.name, err)
			}
			if caught++; first == 0 {
				first = seed
			}
		}
		t.Logf("%s: caught in %d of %d seeds, first in %d", c.name, caught, most, first)
		if caught == 0 {
			t.Errorf("%s: not caught in %d seeds", c.name, most)
		}
	}
}

// Decoders take any bytes, and give back what they were given.
func FuzzDecode(f *testing.F) {
	f.Add(uint16(1), []byte("12345678"))
	f.Add(uint16(3), []byte("12345678abcd12345678"))
	f.Add(uint16(6), []byte{})
	f.Fuzz(func(t *testing.T, k uint16, b []byte) {
		m, err := counter.Decode(engine.Kind(k), b)
		if err == nil && (m.Kind() != engine.Kind(k) || string(m.AppendTo(nil)) != string(b)) {
			t.Errorf("kind %d, %x came back as kind %d, %x", k, b, m.Kind(), m.AppendTo(nil))
		}
	})
}

// BenchmarkCounter is whole runs with every fault, with the invariants and
// without.
func BenchmarkCounter(b *testing.B) {
	for _, checked := range []bool{true, false} {
		b.Run(fmt.Sprintf("checked=%v", checked), func(b *testing.B) {
			seed, events := uint64(0), uint64(0)
			for b.Loop() {
				seed++
				d := deploy(options(seed), counter.None, 30)
				if !checked {
					d = &deployment{World: sim.New(options(seed))}
					d.boot(counter.None, 30)
				}
				if err := d.RunFor(2 * engine.Second); err != nil {
					b.Fatal(err)
				}
				events += d.Stats().Events
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(seed)/b.Elapsed().Seconds(), "seeds/s")
		})
	}
}
