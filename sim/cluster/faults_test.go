package cluster

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

// Drawn jobs under every family of faults, one per seed: no violation, no false
// alarm, and after the faults everything catches up within calmNs; and whatever
// ought to have happened did, else nothing was shown. PARALLAX_SEEDS=A..B takes
// other seeds.
func TestFaults(t *testing.T) {
	from, to := seeds(t, 500)
	var sum Tally
	began, slowest, failed := time.Now(), int64(0), 0
	for seed := from; seed <= to; seed++ {
		d, err := runSmall(t, seed, nil)
		if err != nil {
			if t.Errorf("seed %d: %v", seed, err); failed > 10 {
				t.FailNow()
			}
			failed++
			continue
		}
		sum.add(d.Tally())
		slowest = max(slowest, d.CaughtUpNs())
	}
	t.Logf("%d seeds in %v; the slowest took %d ms to catch up\n%+v", to-from+1, time.Since(began).Round(time.Millisecond),
		slowest/1e6, sum)
	if to-from < 400 {
		return // a replay of a few seeds shows only that they pass
	}
	for name, n := range sum.fields() {
		if quiet := name == "Fatals" || name == "Overflowed"; (n == 0) != quiet {
			t.Errorf("%s: %d over all seeds", name, n)
		}
	}
}

// add adds the counters of another run.
func (t *Tally) add(o Tally) {
	var addTo func(a, b reflect.Value)
	addTo = func(a, b reflect.Value) {
		for i := range a.NumField() {
			if a.Field(i).Kind() == reflect.Struct {
				addTo(a.Field(i), b.Field(i))
			} else {
				a.Field(i).SetUint(a.Field(i).Uint() + b.Field(i).Uint())
			}
		}
	}
	addTo(reflect.ValueOf(t).Elem(), reflect.ValueOf(o))
}

func (t *Tally) fields() map[string]uint64 {
	all := map[string]uint64{}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(*t)) {
		if !f.Anonymous {
			all[f.Name] = reflect.ValueOf(*t).FieldByIndex(f.Index).Uint()
		}
	}
	return all
}

// The bound of the second phase is one that is not always kept: a calm that is
// much too short is told.
func TestLivenessIsDemanded(t *testing.T) {
	for seed := uint64(1); ; seed++ {
		d, err := Deploy(drawJob(t, seed), drawOptions(seed))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Run(stormNs/4, 1); err != nil {
			t.Log(fmt.Sprintf("seed %d:", seed), err)
			return
		}
		if seed == 20 {
			t.Fatal("20 seeds caught up in no time")
		}
	}
}
