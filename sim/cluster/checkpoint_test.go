package cluster

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/engine/kappa"
	"parallax/engine/kappa/vault"
	"parallax/serving"
	"parallax/sim"
	"parallax/sim/fault"
)

// stored switches the object store on, with trouble.
func stored(seed uint64) func(*Options) {
	return func(o *Options) {
		o.Store, o.Trouble = true, store.Trouble{Seed: seed, Busy: 100_000, Lose: 200_000, SlowList: 100_000}
	}
}

// Checkpoints in an object store under all faults: nobody is wrong, everything catches up,
// and as often as in half of the runs a worker has lost its disk. With PARALLAX_SEEDS=A..B
// other seeds.
func TestLawCheckpointsInStore(t *testing.T) {
	from, to := seeds(t, 60)
	var sum Tally
	for seed := from; seed <= to; seed++ {
		job, o := drawn(t, seed)
		stored(seed)(&o)
		o.World.Reproduce = fmt.Sprintf("PARALLAX_SEEDS=%d..%d go test ./sim/cluster -run TestLawCheckpointsInStore", seed, seed)
		d, err := Deploy(job, o)
		if err != nil {
			t.Fatal(err)
		}
		if seed%2 == 0 {
			d.ReplaceAt(o.World.Start+engine.Instant(seed*7919%10_000*uint64(engine.Millisecond)), d.worker)
		}
		if err := d.Run(stormNs, calmNs); err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		sum.add(d.Tally())
	}
	t.Logf("%d seeds: %+v", to-from+1, sum)
	if sum.Bases == 0 || sum.Deltas == 0 || sum.DeltaRestores == 0 || sum.LogTrims == 0 {
		t.Error("that shows nothing")
	}
}

// A worker sleeps, and another one takes its place, on a machine of its own that has
// nothing on its disk and has never been started. The log has been trimmed behind the
// first one's checkpoints, which the second goes on from. The first wakes up and is told.
func TestTakeoverFromStore(t *testing.T) {
	fenced, restored := 0, 0
	for seed := uint64(1); seed <= 40; seed++ {
		job, o := drawn(t, seed)
		stored(seed)(&o)
		o.World.FatalAllowed, o.Worker.Checkpoint.Bytes = true, 1
		job.Story.Restarts = nil
		d, err := Deploy(job, o)
		if err != nil {
			t.Fatal(err)
		}
		pauseAt := engine.Second + int64(seed*97%40)*100*engine.Millisecond
		if err := d.RunFor(pauseAt); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		d.Pause(d.worker)
		roles, err := job.Roles(o)
		if err != nil {
			t.Fatal(err)
		}
		second := d.Boot("worker-2", roles[d.worker-1].Start, decode)
		if err := d.RunFor(500 * engine.Millisecond); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		d.Resume(d.worker)
		d.OnStep(func(w *sim.World) error { // whoever is replaced stays down
			if a, ok := w.Actor(second).(*kappa.Worker); ok && a.Restored() > 0 {
				restored++
				return nil
			}
			return nil
		})
		if err := d.RunFor(stormNs - pauseAt); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		for _, id := range []engine.NodeID{d.worker, second} {
			switch err := d.Fatal(id); {
			case err == nil:
			case strings.Contains(err.Error(), "later attempt"):
				fenced++
			default:
				t.Errorf("seed %d: node %d: %v", seed, id, err)
			}
		}
	}
	t.Logf("%d times one was told that it was replaced", fenced)
	if fenced < 20 || restored == 0 {
		t.Error("that shows nothing")
	}
}

// Mistakes with checkpoints in a store are found from random seeds, by the check that is
// there for them: a pin that moves before the head, an object that is removed while the
// head names it, a head that is swapped without being compared.
func TestCheckpointDefectsAreFound(t *testing.T) {
	for _, defect := range []vault.Defect{vault.DefectEarlyPin, vault.DefectEarlySweep, vault.DefectBlindSwap} {
		for seed := uint64(1); ; seed++ {
			if seed == 1500 {
				t.Errorf("%s is not found", defect)
				break
			}
			_, err := runSmall(t, seed, func(o *Options) {
				stored(seed)(o)
				o.Worker.Defect, o.OracleEvery = kappa.Defect(defect), 0
			})
			if err == nil {
				continue
			}
			if t.Logf("%s: seed %d: %v", defect, seed, err); !errors.Is(err, errCheckpoint) {
				t.Error("found by something else")
			}
			break
		}
	}
}

// What is not there, or not what was written, is refused by its name, and nothing goes on
// from it; the view goes on answering.
func TestDamagedCheckpointIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		hit  func(head *vault.Head) engine.Message
		want string
	}{
		{"an object overwritten", func(h *vault.Head) engine.Message {
			return blob.Put{Name: h.Objects[0].Name("checkpoints/view"), Expect: blob.Any, Data: make([]byte, h.Objects[0].Size)}
		}, "-0000000001 is not what was written"},
		{"an object removed", func(h *vault.Head) engine.Message {
			return blob.Delete{Name: h.Objects[0].Name("checkpoints/view"), Expect: blob.Any}
		}, "-0000000001 is missing"},
		{"the head overwritten", func(*vault.Head) engine.Message {
			return blob.Put{Name: "checkpoints/view/head", Expect: blob.Any, Data: []byte("nothing")}
		}, "checkpoints/view/head: vault: damaged head"},
	} {
		job, o := drawn(t, 3)
		o.Store, o.Unchecked, o.World.Faults, o.World.FatalAllowed = true, true, fault.Plan{}, true
		job.Story.Restarts = nil
		d, err := Deploy(job, o)
		if err != nil {
			t.Fatal(err)
		}
		hit := false
		d.OnStep(func(w *sim.World) error {
			a, ok := w.Actor(d.worker).(*kappa.Worker)
			if hit || !ok || len(a.Head().Objects) == 0 {
				return nil
			}
			hit = true
			w.Crash(d.worker)
			w.Inject(w.Now(), d.client, d.store, c.hit(a.Head()))
			w.Restart(d.worker)
			return nil
		})
		if err := d.RunFor(stormNs); err != nil {
			t.Fatal(err)
		}
		if err := d.Fatal(d.worker); !errors.Is(err, vault.ErrDamaged) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if v, ok := d.Actor(d.view).(*serving.View); !ok || len(v.Status().Cut) == 0 {
			t.Errorf("%s: the view is down", c.name)
		}
	}
}
