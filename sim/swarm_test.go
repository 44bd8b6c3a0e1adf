package sim

import (
	"reflect"
	"testing"

	"parallax/sim/fault"
)

// TestVectorSwarm: odd seeds have every family as usual; over the even ones each is
// off, usual and frequent by turns, whatever the others are.
func TestVectorSwarm(t *testing.T) {
	usual := fault.Usual()
	seen := map[[3]fault.Rate]int{} // by two families and the factor of each
	for seed := uint64(0); seed < 400; seed++ {
		o := Swarm(seed)
		if seed%2 == 1 {
			if !reflect.DeepEqual(o, AllFaults(seed)) {
				t.Fatalf("seed %d: %+v", seed, o)
			}
			continue
		}
		for _, f := range fault.All() {
			next := f%(fault.Count-1) + 1
			factor, other := o.Faults[f].Rate/usual[f].Rate, o.Faults[next].Rate/usual[next].Rate
			seen[[3]fault.Rate{fault.Rate(f), factor, other}]++
		}
	}
	for _, f := range fault.All() {
		for _, factor := range []fault.Rate{0, 1, 3} {
			for _, other := range []fault.Rate{0, 1, 3} {
				if seen[[3]fault.Rate{fault.Rate(f), factor, other}] == 0 {
					t.Errorf("%s never %d times with the next %d times", f, factor, other)
				}
			}
		}
	}
}
