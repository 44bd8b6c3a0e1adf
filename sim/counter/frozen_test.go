package counter_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine"
	"parallax/sim/counter"
	"parallax/sim/fault"
)

// frozenSeeds are those of the laws about lists of faults.
const frozenSeeds = 60

// stormed is a run with every family, and a frozen one if there is a list.
func stormed(t *testing.T, seed uint64, frozen []fault.Fault) *deployment {
	t.Helper()
	o := options(seed)
	o.Faults[fault.CrashAtPersist].Rate = 20_000
	if frozen != nil {
		o.Faults, o.Frozen = fault.Plan{}, frozen
	}
	d := deploy(o, counter.None, 30)
	if err := d.run(2 * engine.Second); err != nil {
		t.Fatal(err)
	}
	return d
}

// A run whose own faults are frozen is the same run, to the last event; also when the
// list has been written down and read again, and in another order.
func TestLawFrozenFaultsAreTheRun(t *testing.T) {
	var sum [fault.Count]uint64
	for seed := range uint64(frozenSeeds) {
		first := stormed(t, seed, nil)
		text, err := json.Marshal(first.Fired())
		if err != nil {
			t.Fatal(err)
		}
		var list []fault.Fault
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.Fired(), list); diff != "" {
			t.Fatal(diff)
		}
		slices.Reverse(list)
		again := stormed(t, seed, list)
		if first.Hash() != again.Hash() || !slices.Equal(first.Checkpoints(), again.Checkpoints()) {
			t.Errorf("seed %d: %d faults, frozen they are another run", seed, len(list))
		}
		if diff := cmp.Diff(first.Fired(), again.Fired()); diff != "" {
			t.Errorf("seed %d: %s", seed, diff)
		}
		for f, n := range first.Strikes() {
			sum[f] += n
		}
	}
	for _, f := range fault.All() {
		if f.Group() == fault.Source {
			continue // nothing here has a source
		}
		if sum[f] == 0 && !f.Damages() && f != fault.OddWay { // no replica set, and no odd ways
			t.Errorf("%s never struck: nothing was shown of it", f)
		}
	}
}

// Out of a frozen list any fault can be taken, and the rest stays what and where it
// was: nothing strikes that is not on the list, and what strikes is as it says. Some
// find nothing to hit any more.
func TestLawRemovedFaultsMoveNoOther(t *testing.T) {
	missing, struck := 0, 0
	for seed := range uint64(frozenSeeds) {
		all := stormed(t, seed, nil).Fired()
		for part := range 4 {
			var some []fault.Fault
			for i, f := range all {
				if i%4 != part {
					some = append(some, f)
				}
			}
			known := map[fault.ID]string{}
			for i := range some {
				known[some[i].ID()] = key(some[i])
			}
			hit := stormed(t, seed, some).Fired()
			for i := range hit {
				if want, ok := known[hit[i].ID()]; !ok || want != key(hit[i]) {
					t.Errorf("seed %d: %v struck, the list says %s", seed, hit[i], want)
				}
			}
			struck += len(hit)
			missing += len(some) - len(hit)
		}
	}
	t.Logf("%d faults struck again, %d found nothing to hit", struck, missing)
	if struck < missing {
		t.Error("most faults of the lists found nothing to hit")
	}
}

// key is what of a fault must not change: all but the moment at which a message or a
// write comes up, the number of the write, and what a crash found to lose.
func key(f fault.Fault) string {
	if f.Family.Timed() {
		return fmt.Sprint(f.At, f.Node, f.Peer, f.Lasts, f.Amount)
	}
	return fmt.Sprint(f.Node, f.Peer, f.Kind, f.Lasts, f.Moment, f.Amount)
}
