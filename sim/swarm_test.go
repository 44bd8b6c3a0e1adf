package sim

import "testing"

// TestVectorSwarm: odd seeds have every family as usual; over the even ones each is
// off, usual and frequent by turns, whatever the others are.
func TestVectorSwarm(t *testing.T) {
	usual := AllFaults(0)
	rates := func(o *Options) []Rate {
		return []Rate{
			o.Network.Drop, o.Network.Duplicate, o.Network.Reorder, o.Network.Slow, o.Network.Sever,
			o.Storage.SlowSync, o.Process.Crash, o.Process.CrashAtPersist, o.Process.Pause,
		}
	}
	seen := map[[3]Rate]int{} // by two families and the factor of each
	for seed := uint64(0); seed < 400; seed++ {
		o := Swarm(seed)
		if seed%2 == 1 {
			if o != AllFaults(seed) {
				t.Fatalf("seed %d: %+v", seed, o)
			}
			continue
		}
		for i, rate := range rates(&o) {
			next := (i + 1) % 9
			factor, other := rate/rates(&usual)[i], rates(&o)[next]/rates(&usual)[next]
			seen[[3]Rate{Rate(i), factor, other}]++
		}
	}
	for i := range Rate(9) {
		for _, factor := range []Rate{0, 1, 3} {
			for _, other := range []Rate{0, 1, 3} {
				if seen[[3]Rate{i, factor, other}] == 0 {
					t.Errorf("family %d never %d times with the next %d times", i, factor, other)
				}
			}
		}
	}
}
