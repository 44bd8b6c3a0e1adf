package sim

import (
	"testing"

	"parallax/sim/fault"
)

// Each family is on in 50 to 70 of 100 seeds, whatever the one before it is; those that
// are on are as usual or three times as frequent, and sure to strike.
func TestLawSwarm(t *testing.T) {
	const seeds = 2000
	usual := fault.Usual()
	var on, both, strong [fault.Count]int
	for seed := uint64(0); seed < seeds; seed++ {
		o := Swarm(seed)
		for _, f := range fault.All() {
			s := o.Faults[f]
			if s.Sure != (s.Rate != 0) || s.Rate != 0 && s.Rate != usual[f].Rate && s.Rate != min(3*usual[f].Rate, 1_000_000) {
				t.Fatalf("seed %d, %s: %+v", seed, f, s)
			}
			if s.Rate == 0 {
				continue
			}
			on[f]++
			if s.Rate != usual[f].Rate {
				strong[f]++
			}
			if f > 1 && o.Faults[f-1].Rate != 0 {
				both[f]++
			}
		}
	}
	for _, f := range fault.All() {
		if 2*on[f] < seeds || 10*on[f] > 7*seeds || 5*strong[f] < on[f] || 2*strong[f] > on[f] {
			t.Errorf("%s: on in %d of %d seeds, strong in %d", f, on[f], seeds, strong[f])
		}
		if f > 1 && (100*both[f] < 30*seeds || 100*both[f] > 42*seeds) {
			t.Errorf("%s and %s: both on in %d of %d seeds", f-1, f, both[f], seeds)
		}
	}
}
