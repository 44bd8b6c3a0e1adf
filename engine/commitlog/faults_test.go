package commitlog

import (
	"reflect"
	"testing"

	"parallax/engine"
)

// add sums counters by name.
func add(sum map[string]uint64, c any) {
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		sum[v.Type().Field(i).Name] += v.Field(i).Uint()
	}
}

// drawn are options that differ from seed to seed.
func drawn(seed uint64) Options {
	opts := small(DefectNone)
	switch seed % 4 {
	case 1:
		opts.Brokers = append(opts.Brokers, 4, 5)
	case 2: // a trim at every turn, a record per segment
		opts.RetainBytes, opts.SegmentBytes = 100, 1
	case 3: // nothing is ever forgotten
		opts.RetainBytes, opts.IdleAfter = 0, 0
	}
	return opts
}

// Every family of faults at once: no invariant breaks, and when they end
// everything is done soon. What is to be survived did happen, else nothing was
// shown.
func TestFaults(t *testing.T) {
	happened := map[string]uint64{}
	from, to := seeds(t, 150)
	for seed := from; seed <= to; seed++ {
		d := deploy(faults(seed), drawn(seed))
		d.write(25)
		if err := d.run(2 * engine.Second); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		add(happened, d.check.counters)
		add(happened, d.Stats())
	}
	t.Logf("%d seeds: %v", to-from+1, happened)
	if to-from < 100 {
		return // a replay of a few seeds shows only that they pass
	}
	for name, n := range happened {
		switch name {
		case "refused": // a pin that overtakes a trim is rare
		case "Fatals", "Overflowed", "damages":
			if n != 0 {
				t.Errorf("%s: %d over all seeds", name, n)
			}
		default:
			if n == 0 {
				t.Errorf("%s never happened", name)
			}
		}
	}
}

// Each planted defect is found from random seeds.
func TestDefectsAreCaught(t *testing.T) {
	for _, c := range []struct {
		name   string
		defect Defect
	}{
		{"eager ack", DefectEagerAck},
		{"eager re-ack", DefectEagerReack},
		{"no dedup", DefectNoDedup},
		{"early read", DefectEarlyRead},
		{"uncommitted read", DefectUncommittedRead},
		{"torn tail", DefectTornTail},
		{"unsynced", DefectUnsynced},
		{"truncated log", DefectTruncate},
		{"hole", DefectHole},
	} {
		const most, enough = 100, 3
		caught, first := 0, uint64(0)
		var with error
		seed := uint64(1)
		for ; seed <= most && caught < enough; seed++ {
			d := deploy(faults(seed), small(c.defect))
			d.write(25)
			err := d.RunFor(2 * engine.Second)
			if err == nil {
				continue
			}
			if caught++; first == 0 {
				first, with = seed, err
			}
		}
		t.Logf("%s: caught in %d of %d seeds, first in %d: %v", c.name, caught, seed-1, first, with)
		if caught == 0 {
			t.Errorf("%s: not caught in %d seeds", c.name, most)
		}
	}
}

// The same seed gives the same run, whatever ran before it.
func TestDeterminism(t *testing.T) {
	run := func(seed uint64) uint64 {
		d := deploy(faults(seed), drawn(seed))
		d.write(25)
		if err := d.RunFor(engine.Second); err != nil {
			t.Fatal(err)
		}
		return d.Hash()
	}
	var first []uint64
	for seed := range uint64(8) {
		first = append(first, run(seed))
	}
	for seed := range uint64(8) {
		if h := run(7 - seed); h != first[7-seed] {
			t.Errorf("seed %d: %x, then %x", 7-seed, first[7-seed], h)
		}
	}
}
