package commitlog

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"

	"parallax/engine"
	"parallax/sim"
)

const (
	testBrokers    = 3
	testPartitions = 3
	testWritten    = 2 // partitions; the last one stays idle
)

// deployment is three brokers, two writers and two readers in a world.
type deployment struct {
	*sim.World
	check   *checker
	brokers []engine.NodeID
	writers []engine.NodeID
	readers []engine.NodeID

	sinkID   engine.NodeID
	persists uint64 // of broker 2, where a test counts them
}

// small are options at which everything happens soon.
func small(defect Defect) Options {
	return Options{
		Brokers: []engine.NodeID{1, 2, 3},
		Topics:  []Topic{{Name: "t", Partitions: testPartitions, Holders: []string{"reader"}}},
		Beat:    20 * engine.Millisecond, Election: 150 * engine.Millisecond, FetchWait: 60 * engine.Millisecond,
		RetainBytes: 700, SegmentBytes: 1500, IdleAfter: 200 * engine.Millisecond, Defect: defect,
	}
}

// deploy boots the brokers and nobody else.
func deploy(world sim.Options, opts Options) *deployment {
	d := &deployment{World: sim.New(world), brokers: opts.Brokers}
	t := opts.Topics[0]
	d.check = newChecker(int(t.Partitions), t.Holders, opts.Defect)
	for i := range opts.Brokers {
		d.Boot(fmt.Sprintf("broker-%d", i), Start(opts), Decode)
	}
	d.Replicas(len(opts.Brokers)/2+1, opts.Brokers...)
	d.OnStep(func(*sim.World) error {
		for _, id := range d.brokers {
			if b := d.broker(id); b != nil && !d.check.off {
				d.check.look(id, b)
			}
		}
		return d.check.err
	})
	return d
}

// write boots clients.
func (d *deployment) write(goal uint32) {
	d.check.err = nil
	for i := range 2 {
		d.writers = append(d.writers, d.Boot(fmt.Sprintf("writer-%d", i), startWriter(d.check, d.brokers, testWritten, goal), decodeClient))
	}
	for _, holder := range []string{"reader", ""} {
		d.readers = append(d.readers, d.Boot("reader-"+holder, startReader(d.check, d.brokers, testPartitions, holder), decodeClient))
	}
}

func (d *deployment) broker(id engine.NodeID) *Broker {
	b, _ := d.Actor(id).(*Broker)
	return b
}

// leader is the broker that leads a partition in the highest term, 0 if none.
func (d *deployment) leader(p int) engine.NodeID {
	leader, term := engine.NodeID(0), uint64(0)
	for _, id := range d.brokers {
		if b := d.broker(id); b != nil && b.replicas[p].ready() && b.replicas[p].term() > term {
			leader, term = id, b.replicas[p].term()
		}
	}
	return leader
}

// until runs the world until done, at most ns; it reports whether it is.
func (d *deployment) until(t testing.TB, ns int64, done func() bool) bool {
	t.Helper()
	for end := d.Now() + engine.Instant(ns); d.Now() < end; {
		if done() {
			return true
		}
		if err := d.RunFor(10 * engine.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	return done()
}

var errStuck = errors.New("not everything is written, read and replicated although everything healed")

// settled reports whether all writers are done, all readers are at the end and
// all replicas are equal, voters, and of one mind about who leads.
func (d *deployment) settled() bool {
	for _, id := range d.writers {
		if w, ok := d.Actor(id).(*writer); !ok || !w.done() {
			return false
		}
	}
	for p := range d.check.logs {
		leader := d.leader(p)
		if leader == 0 {
			return false
		}
		lead := d.broker(leader).replicas[p]
		for _, id := range d.brokers {
			b := d.broker(id)
			if b == nil {
				return false
			}
			r := b.replicas[p]
			if r.state.end != lead.state.end || r.leader() != leader || len(r.log.conf.GetVoters()) != len(d.brokers) || !r.member(r.self) {
				return false
			}
		}
		for _, id := range d.readers {
			if r, ok := d.Actor(id).(*follower); !ok || r.at[p].offset < d.check.logs[p].acked {
				return false
			}
		}
	}
	return true
}

// run is two phases: faults, then calm until everything is settled.
func (d *deployment) run(faultsNs int64) error {
	if err := d.RunFor(faultsNs); err != nil {
		return err
	}
	d.Calm()
	for range 200 {
		if d.settled() {
			return nil
		}
		if err := d.RunFor(50 * engine.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %s", errStuck, d.where())
}

// where says how far everything is.
func (d *deployment) where() string {
	s := ""
	for _, id := range d.brokers {
		if b := d.broker(id); b != nil {
			for _, p := range b.Status() {
				s += fmt.Sprintf("broker %d %s: leads %v ready %v term %d from %d to %d replica %x; ", id, p.Partition, p.Leads, p.Ready, p.Term, p.Start.Offset, p.End.Offset, p.Replica)
			}
		}
	}
	for _, id := range d.writers {
		if w, ok := d.Actor(id).(*writer); ok {
			s += fmt.Sprintf("writer %d: %v; ", id, w.acked)
		}
	}
	for _, id := range d.readers {
		if r, ok := d.Actor(id).(*follower); ok {
			s += fmt.Sprintf("reader %d: %+v; ", id, r.at)
		}
	}
	return s
}

func faults(seed uint64) sim.Options {
	o := sim.AllFaults(seed)
	o.Slot = 500 * engine.Millisecond
	o.Reproduce = fmt.Sprintf("PARALLAX_SEEDS=%d..%d go test ./engine/commitlog -run TestFaults", seed, seed)
	return o
}

// seeds are those of PARALLAX_SEEDS=A..B, else 1..n, or ten times as many in a
// soak.
func seeds(t *testing.T, n uint64) (from, to uint64) {
	t.Helper()
	text := os.Getenv("PARALLAX_SEEDS")
	if text == "" {
		if soak, _ := strconv.ParseBool(os.Getenv("PARALLAX_SOAK")); soak {
			n *= 10
		}
		return 1, n
	}
	if _, err := fmt.Sscanf(text, "%d..%d", &from, &to); err != nil {
		t.Fatalf("PARALLAX_SEEDS=%q: %v", text, err)
	}
	return from, to
}
