package commitlog

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/sim"
)

// damage breaks a byte of a partition's journal on a broker that is down, at a
// place that no crash explains: in a segment that is not the newest, or in the
// first half of one that is long. It reports whether there is such a place.
func (d *deployment) damage(t *testing.T, id engine.NodeID, prefix string, rnd *rand.Rand) bool {
	t.Helper()
	disk := d.Disk(id).(*sim.Disk)
	var files []string
	for _, f := range disk.Files() {
		if strings.HasPrefix(f, prefix) {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return false
	}
	file := files[rnd.IntN(max(1, len(files)-1))]
	size := disk.Size(file)
	if size < 600 {
		return false
	}
	if err := disk.Damage(file, 64+rnd.Int64N(size/2-64), byte(1+rnd.IntN(255))); err != nil {
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
	for n := uint64(0); ; n++ {
		if d.damage(t, 2, "t-0-g00000000", rand.New(rand.NewPCG(seed, n))) {
			return d
		}
	}
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
	}
}

// A crash at any moment of the comeback, around the damaged broker's first writes,
// leaves a replica that knows that it has lost its promises.
func TestRejoinCrashes(t *testing.T) {
	for k := uint64(1); k <= 6; k++ {
		for _, moment := range []sim.Moment{sim.Issued, sim.InSync, sim.Durable, sim.Released} {
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
		d := deploy(faults(seed), small(DefectNone))
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

// rot damages one broker, if the others are whole: more is more than three
// replicas can bear.
func (d *deployment) rot(t *testing.T, rnd *rand.Rand) {
	lead := d.leader(0)
	if lead == 0 {
		return
	}
	voters := d.broker(lead).replicas[0].log.conf.GetVoters()
	for _, id := range d.brokers {
		if b := d.broker(id); b == nil || !slices.Contains(voters, b.replicas[0].self) {
			return
		}
	}
	id := d.brokers[rnd.IntN(len(d.brokers))]
	d.Crash(id)
	if d.damage(t, id, "t-0-g", rnd) {
		d.check.damages++
	}
	d.Restart(id)
}
