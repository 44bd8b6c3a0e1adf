package lambda

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"parallax/engine"
	"parallax/sim/fault"
)

// damaged lets damage strike every disk, several times in most runs.
func damaged(o *Options) {
	o.Batch.Damage = true
	for _, f := range fault.All() {
		if f.Damages() {
			o.World.Faults[f] = fault.Strength{Rate: 60_000}
		}
	}
}

// TestLawLambdaDamage: with damage to every disk no answer is ever wrong; a view of which
// a file is damaged is made again, and what cannot catch up is excused, by name.
func TestLawLambdaDamage(t *testing.T) {
	from, to := seeds(t, 100)
	underDamage(t, from, min(to, from+4999), runs{test: "TestLawLambdaDamage"})
}

// TestLawReplayedDamage: nor where servers go on from a state.
func TestLawReplayedDamage(t *testing.T) {
	from, to := seeds(t, 100)
	underDamage(t, from, min(to, from+999), runs{test: "TestLawReplayedDamage", draw: DrawnReplayed})
}

// underDamage wants both to happen.
func underDamage(t *testing.T, from, to uint64, r runs) {
	t.Helper()
	var mu sync.Mutex
	excused, made := map[string]int{}, uint64(0)
	r.change, r.look = damaged, func(seed uint64, d *Deployment) {
		mu.Lock()
		defer mu.Unlock()
		made += d.Probes()["job.remake"] + d.Probes()["job.base-damaged"]
		for _, line := range d.Excused() {
			what, _, _ := strings.Cut(line, ":")
			if parts := strings.SplitN(what, "/", 3); len(parts) > 2 {
				what = parts[0] + "/" + parts[1]
			}
			if excused[what] == 0 {
				t.Logf("seed %d is excused by %s", seed, line)
			}
			excused[what]++
		}
	}
	campaign(t, from, to, r)
	t.Logf("excused by %v; views made again %d times", excused, made)
	if to-from >= 99 && (len(excused) == 0 || made == 0) {
		t.Error("one of them was never shown")
	}
}

// TestGivingUpIsSeenToFail: a program that gives up beside a whole store is not excused.
func TestGivingUpIsSeenToFail(t *testing.T) {
	d, err := Drawn(3, func(o *Options) { o.Batch.Damage, o.World.Faults = true, fault.Plan{} })
	if err != nil {
		t.Fatal(err)
	}
	d.Inject(d.Now()+engine.Instant(engine.Second), d.store, d.batch, badMessage{})
	if err := d.Run(stormNs, calmNs); !errors.Is(err, ErrLiveness) {
		t.Error(err)
	}
	if err := d.gaveUp(); !errors.Is(err, errFatal) {
		t.Error(err)
	}
}

// badMessage is of a kind that nobody knows.
type badMessage struct{}

func (badMessage) Kind() engine.Kind { return 60_000 }

func (badMessage) AppendTo(b []byte) []byte { return b }
