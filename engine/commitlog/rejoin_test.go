package commitlog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"parallax/engine"
	"parallax/engine/journal"
	"parallax/sim"
	"parallax/sim/fault"
)

// damage breaks a byte of a partition's journal on a broker that is down, in a
// record that has another one behind it in its segment: what was being written when
// the power failed looks like damaged last records. It reports whether there is one.
func (d *deployment) damage(t *testing.T, id engine.NodeID, p int32, rnd *rand.Rand) bool {
	t.Helper()
	disk := d.Disk(id).(*sim.Disk)
	r := &replica{id: testID(uint32(p))}
	newest, _ := r.generations(disk)
	var records []journal.Position
	_, err := journal.Open(disk, 1<<30, r.prefix(newest), journal.Options{}, func(rec journal.Record) error {
		records = append(records, rec.At)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var inner []journal.Position
	for i, at := range records {
		if i+1 < len(records) && records[i+1].Boot == at.Boot && records[i+1].Number == at.Number {
			inner = append(inner, at)
		}
	}
	if len(inner) == 0 {
		return false
	}
	at := inner[rnd.IntN(len(inner))]
	file := fmt.Sprintf("%s-%010d-%010d.log", r.prefix(newest), at.Boot, at.Number)
	if err := disk.Damage(file, at.Offset+rnd.Int64N(int64(at.Length)), byte(1+rnd.IntN(255))); err != nil {
		t.Fatal(err)
	}
	return true
}

// voters counts the voters of partition 0 as its leader knows them.
func (d *deployment) voters() int {
	if l := d.leader(0); l != 0 {
		return len(d.broker(l).replicas[0].log.conf.GetVoters())
	}
	return 0
}

// damaged is a world whose broker 2 is down with a damaged journal of partition 0.
func damaged(t *testing.T, seed uint64) *deployment {
	t.Helper()
	opts := small(DefectNone)
	opts.RetainBytes = 5000 // several segments
	d := deploy(sim.Options{Seed: seed}, opts)
	d.OnTrace(func(r sim.Trace) {
		if r.Op == "persist" && r.To == 2 {
			d.persists++
		}
	})
	d.write(60)
	if !d.until(t, 20*engine.Second, d.settled) {
		t.Fatal(d.where())
	}
	d.Crash(2)
	if !d.damage(t, 2, 0, rand.New(rand.NewPCG(seed, 1))) {
		t.Fatal("nothing to damage")
	}
	return d
}

// A replica whose log is damaged below what it has confirmed comes back under
// another name, as a learner that catches up and is made a voter. Its neighbours on
// the same broker stay what they are.
func TestRejoin(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		d := damaged(t, seed)
		d.Restart(2)
		if !d.until(t, engine.Second, func() bool { return d.broker(2) != nil }) {
			t.Fatal("broker 2 does not start")
		}
		r := d.broker(2).replicas[0]
		if generationOf(r.self) == 0 || r.applied != 0 || d.broker(2).replicas[1].self != replicaID(2, 0) {
			t.Fatalf("damage: replica %x with %d entries, neighbour %x", r.self, r.applied, d.broker(2).replicas[1].self)
		}
		learner := false
		if !d.until(t, 10*engine.Second, func() bool {
			learner = learner || d.voters() == 2
			return learner && d.settled()
		}) {
			t.Fatalf("learner %v: %s", learner, d.where())
		}
		// Now the others are told by their disks who they are: all crash, and one
		// more journal is damaged.
		for _, id := range d.brokers {
			d.Crash(id)
		}
		if !d.damage(t, 1, 0, rand.New(rand.NewPCG(seed, 2))) {
			t.Fatal("nothing to damage")
		}
		for _, id := range d.brokers {
			d.Restart(id)
		}
		if !d.until(t, 20*engine.Second, func() bool { return d.settled() && generationOf(d.broker(1).replicas[0].self) != 0 }) {
			t.Fatal("after a second damage: " + d.where())
		}
	}
}

// A crash at any moment of the comeback, around the damaged broker's first writes,
// leaves a replica that knows that it has lost its promises.
func TestRejoinCrashes(t *testing.T) {
	for k := uint64(1); k <= 6; k++ {
		for _, moment := range []fault.Moment{fault.Issued, fault.InSync, fault.Durable, fault.Released} {
			d := damaged(t, 3)
			d.CrashAtPersist(2, d.persists+k, moment)
			crashes := d.Stats().Crashes
			d.Restart(2)
			if !d.until(t, 20*engine.Second, func() bool { return d.Stats().Crashes > crashes && d.settled() }) {
				t.Fatalf("write %d, moment %d: %s", k, moment, d.where())
			}
			if r := d.broker(2).replicas[0]; generationOf(r.self) == 0 {
				t.Fatalf("write %d, moment %d: replica %x", k, moment, r.self)
			}
		}
	}
}

// Damage under all other faults, again and again.
func TestFaultsWithDamage(t *testing.T) {
	happened := map[string]uint64{}
	from, to := seeds(t, 60)
	for seed := from; seed <= to; seed++ {
		o := faults(seed)
		for _, f := range fault.All() {
			if f.Damages() { // here damage goes from broker to broker
				o.Faults[f] = fault.Strength{}
			}
		}
		d := deploy(o, small(DefectNone))
		d.write(25)
		rnd := rand.New(rand.NewPCG(seed, 77))
		for range 3 {
			if err := d.RunFor(engine.Second + rnd.Int64N(engine.Second)); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			d.rot(t, rnd)
		}
		if err := d.run(engine.Second); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		add(happened, d.check.counters)
	}
	t.Logf("%d seeds: %v", to-from+1, happened)
	if to-from > 50 && happened["rejoined"] == 0 {
		t.Error("no replica came back")
	}
}

// rot damages one broker, if all replicas are whole, voters, and know it of each
// other: more is more than a group of three can bear. (Raft counts by the members
// as of what a replica has applied, so a group whose new voter is known to the
// leader alone is still one of two.)
func (d *deployment) rot(t *testing.T, rnd *rand.Rand) {
	for _, id := range d.brokers {
		for _, of := range d.brokers {
			b, o := d.broker(id), d.broker(of)
			if b == nil || o == nil || !slices.Contains(b.replicas[0].log.conf.GetVoters(), o.replicas[0].self) {
				return
			}
		}
	}
	id := d.brokers[rnd.IntN(len(d.brokers))]
	d.Crash(id)
	if d.damage(t, id, 0, rnd) {
		d.check.damages++
	}
	d.Restart(id)
}

// A leader that finds, while it runs, that it cannot read what it holds, because a reader
// asks for it, begins again at once as another replica, and its group goes on. Its
// neighbours on the broker stay what they are.
func TestRejoinWhileRunning(t *testing.T) {
	renewed := 0
	for seed := uint64(1); seed <= 5; seed++ {
		opts := small(DefectNone)
		opts.RetainBytes, opts.CacheBytes = 5000, 1
		d := deploy(sim.Options{Seed: seed}, opts)
		d.write(60)
		if !d.until(t, 20*engine.Second, d.settled) {
			t.Fatal(d.where())
		}
		id := d.leader(0)
		if !d.damage(t, id, 0, rand.New(rand.NewPCG(seed, 1))) {
			t.Fatal("nothing to damage")
		}
		neighbour := d.broker(id).replicas[1].self
		// Somebody who reads all there is.
		d.readers = append(d.readers, d.Boot("reader-again", startReader(d.check, d.brokers, testPartitions, ""), decodeClient))
		if !d.until(t, 20*engine.Second, d.settled) {
			t.Fatalf("seed %d: %s", seed, d.where())
		}
		b := d.broker(id)
		if b.env.Boot != 1 || b.replicas[1].self != neighbour {
			t.Errorf("seed %d: boot %d, neighbour %x", seed, b.env.Boot, b.replicas[1].self)
		}
		if generationOf(b.replicas[0].self) != 0 { // else what is damaged is not needed any more
			renewed++
		}
	}
	if renewed < 3 {
		t.Errorf("only %d of 5 have noticed", renewed)
	}
}
