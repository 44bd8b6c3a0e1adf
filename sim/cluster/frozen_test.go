package cluster

import (
	"slices"
	"testing"

	"parallax/sim/fault"
)

// A drawn run whose own faults are frozen is the same run, to the last event, whatever
// family they are of.
func TestLawFrozenFaultsAreTheRun(t *testing.T) {
	var table fault.Table
	for seed := uint64(1); seed <= 60; seed++ {
		first, err := runSmall(t, seed, func(o *Options) { o.Unchecked = true })
		if err != nil {
			t.Fatal(err)
		}
		again, err := runSmall(t, seed, func(o *Options) {
			o.Unchecked = true
			o.World.Faults, o.World.Frozen = fault.Plan{}, append([]fault.Fault{}, first.Fired()...)
		})
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		if first.Hash() != again.Hash() || !slices.Equal(first.Checkpoints(), again.Checkpoints()) || first.Strikes() != again.Strikes() {
			t.Errorf("seed %d: %d faults, frozen they are another run", seed, len(first.Fired()))
		}
		table.Add(again.Active(), again.Strikes())
	}
	if silent := table.Silent(); silent != nil {
		t.Errorf("nothing was shown of %v", silent)
	}
}
