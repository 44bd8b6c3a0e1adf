package cluster

import (
	"errors"
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/sim/fault"
)

// With damage to every disk nothing is ever wrong; what cannot catch up is excused, and
// by name. Where damage keeps to a minority of the replicas nothing needs an excuse.
func TestLawUnrestrictedDamage(t *testing.T) {
	from, to := seeds(t, 150)
	excused, caughtUp := 0, 0
	for seed := from; seed <= to; seed++ {
		d, err := runSmall(t, seed, func(o *Options) {
			o.Unrestricted = true
			o.World.Reproduce = fmt.Sprintf("PARALLAX_SEEDS=%d..%d go test ./sim/cluster -run TestLawUnrestrictedDamage", seed, seed)
			for _, f := range fault.All() {
				if f.Damages() {
					o.World.Faults[f] = fault.Strength{Rate: 20_000}
				}
			}
		})
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		if list := d.Excused(); list != nil {
			if excused++; excused == 1 {
				t.Logf("seed %d is excused by %v", seed, list)
			}
		} else {
			caughtUp++
		}
	}
	t.Logf("%d excused, %d caught up", excused, caughtUp)
	if to-from > 100 && (excused == 0 || caughtUp == 0) {
		t.Error("one of them was never shown")
	}
}

// Damage to a minority is no excuse, and is none to be asked for; and a drawn run has
// shown something, unless a family of its faults found nothing to hit.
func TestMinorityIsNoExcuse(t *testing.T) {
	conclusive := 0
	for seed := uint64(1); seed <= 20; seed++ {
		d, err := runSmall(t, seed, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.gaveUp(); err != nil || d.Excused() != nil || d.opts.Brokers > 2 && d.excuses() != nil {
			t.Errorf("seed %d: %v, excused by %v", seed, err, d.excuses())
		}
		if why := d.Inconclusive(); why == "" {
			conclusive++
		} else {
			t.Logf("seed %d: %s", seed, why)
		}
	}
	if conclusive < 15 {
		t.Errorf("only %d of 20 runs have shown anything", conclusive)
	}
}

// A broker that finds damage while it runs, because it keeps next to nothing in memory,
// does not give up: its replica begins again, and everything catches up.
func TestLawDamageIsFoundWhileRunning(t *testing.T) {
	from, to := seeds(t, 60)
	rejoins := uint64(0)
	for seed := from; seed <= to; seed++ {
		d, err := runSmall(t, seed, func(o *Options) {
			o.Log.CacheBytes = 1
			o.World.Reproduce = fmt.Sprintf("PARALLAX_SEEDS=%d..%d go test ./sim/cluster -run TestLawDamageIsFoundWhileRunning", seed, seed)
			for _, f := range fault.All() {
				if f.Damages() {
					o.World.Faults[f] = fault.Strength{Rate: 400_000}
				}
			}
		})
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		rejoins += d.Probes()["commitlog.rejoin"]
	}
	t.Logf("replicas began again %d times", rejoins)
	if rejoins == 0 {
		t.Error("no replica began again")
	}
}

// A node that gives up with a whole disk is wrong, also where all may be damaged; and a
// run in which nothing was compared has shown nothing.
func TestGivingUpIsSeenToFail(t *testing.T) {
	job, o := drawn(t, 3)
	o.Unrestricted, o.World.Faults = true, fault.Plan{}
	d, err := Deploy(job, o)
	if err != nil {
		t.Fatal(err)
	}
	if why := d.Inconclusive(); why != "nothing was compared" {
		t.Errorf("a run that was not run: %q", why)
	}
	// The worker cannot make anything of this.
	d.Inject(d.Now()+engine.Instant(engine.Second), d.view, d.worker, badMessage{})
	// It is down for good, which nothing excuses.
	if err := d.Run(stormNs, calmNs); !errors.Is(err, ErrLiveness) {
		t.Errorf("%v", err)
	}
	if err := d.gaveUp(); !errors.Is(err, errFatal) {
		t.Errorf("%v", err)
	}
}

// badMessage is of a kind that nobody knows.
type badMessage struct{}

func (badMessage) Kind() engine.Kind { return 60_000 }

func (badMessage) AppendTo(b []byte) []byte { return b }
