package commitlog

import (
	"testing"

	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/sim"
)

// calm is a world without faults in which every partition has a leader.
func calm(t *testing.T, opts Options) *deployment {
	t.Helper()
	d := deploy(sim.Options{Seed: 1}, opts)
	if !d.until(t, 5*engine.Second, func() bool {
		for p := range d.check.logs {
			if d.leader(p) == 0 {
				return false
			}
		}
		return true
	}) {
		t.Fatal("no leader: " + d.where())
	}
	return d
}

// others are the brokers but one.
func (d *deployment) others(id engine.NodeID) []engine.NodeID {
	var list []engine.NodeID
	for _, o := range d.brokers {
		if o != id {
			list = append(list, o)
		}
	}
	return list
}

// A leader that no other broker hears, but every client, steps down within two
// periods of its own and takes nothing in any more; what it took in is replaced
// when it comes back.
func TestIsolatedLeaderStepsDown(t *testing.T) {
	opts := small(DefectNone)
	d := calm(t, opts)
	d.write(200)
	if err := d.RunFor(100 * engine.Millisecond); err != nil {
		t.Fatal(err)
	}
	old := d.leader(0)
	for _, o := range d.others(old) {
		d.SeverBoth(old, o)
	}
	r := d.broker(old).replicas[0]
	acked := d.check.logs[0].acked
	if err := d.RunFor(2*opts.Election + opts.Beat); err != nil {
		t.Fatal(err)
	}
	if r.leads() {
		t.Fatalf("broker %d still leads", old)
	}
	last := r.log.last()
	d.Inject(d.Now(), d.sink(), old, protocol.Produce{Partition: testID(0), Producer: 99, Count: 1, Payload: []byte("x")})
	if !d.until(t, 5*engine.Second, func() bool { l := d.leader(0); return l != 0 && l != old && d.check.logs[0].acked > acked }) {
		t.Fatal("nobody took over: " + d.where())
	}
	if r.log.last() != last {
		t.Errorf("%d entries were taken in by a broker that does not lead", r.log.last()-last)
	}
	for _, o := range d.others(old) {
		d.Heal(old, o)
	}
	if !d.until(t, 20*engine.Second, d.settled) {
		t.Fatal(d.where())
	}
	if last > r.applied || d.check.conflicts == 0 {
		t.Errorf("nothing of the isolated leader's was replaced: %d conflicts", d.check.conflicts)
	}
}

// A follower that alone has lost sight of the leader deposes it for nobody.
func TestLoneFollowerDeposesNobody(t *testing.T) {
	d := calm(t, small(DefectNone))
	leader := d.leader(0)
	term := d.broker(leader).replicas[0].term()
	lone := d.others(leader)[0]
	d.SeverBoth(leader, lone)
	if err := d.RunFor(5 * engine.Second); err != nil {
		t.Fatal(err)
	}
	if r := d.broker(leader).replicas[0]; !r.leads() || r.term() != term {
		t.Errorf("leads %v, term %d, was %d", r.leads(), r.term(), term)
	}
	// When the leader is gone its lease ends, and the two elect one of them.
	d.Crash(leader)
	if !d.until(t, 2*engine.Second, func() bool { return d.leader(0) != 0 }) {
		t.Error("nobody leads: " + d.where())
	}
}

// One broker is its own quorum, two have to agree.
func TestFewBrokers(t *testing.T) {
	for n := range 2 {
		opts := small(DefectNone)
		opts.Brokers = opts.Brokers[:n+1]
		d := calm(t, opts)
		d.write(20)
		if !d.until(t, 10*engine.Second, d.settled) {
			t.Errorf("%d brokers: %s", n+1, d.where())
		}
	}
}

// All brokers lose power at once, twice: what was acknowledged is there, and the
// log goes on behind it.
func TestAllCrash(t *testing.T) {
	d := calm(t, small(DefectNone))
	d.write(120)
	for range 2 {
		if err := d.RunFor(150 * engine.Millisecond); err != nil {
			t.Fatal(err)
		}
		for _, id := range d.brokers {
			d.Crash(id)
		}
		if d.check.logs[0].acked == 0 {
			t.Fatal("nothing was acknowledged")
		}
		for _, id := range d.brokers {
			d.Restart(id)
		}
	}
	if !d.until(t, 20*engine.Second, d.settled) {
		t.Fatal(d.where())
	}
}

// What strangers send is answered or ignored, and never ends a broker.
func TestOddMessages(t *testing.T) {
	d := calm(t, small(DefectNone))
	leader := d.leader(0)
	r := d.broker(leader).replicas[0]
	last := r.log.last()
	peer := d.others(leader)[0]
	for kind := range raftpb.MessageType(len(raftpb.MessageType_name)) {
		for _, from := range []engine.NodeID{d.sink(), peer} {
			m := &raftpb.Message{Type: kind.Enum(), From: new(replicaID(uint64(from), 7)), To: new(r.self)}
			data := (&raftMessage{partition: 0, message: m}).AppendTo(nil)
			if decoded, err := Decode(kindRaft, data); err == nil {
				d.Inject(d.Now(), from, leader, decoded)
			}
		}
	}
	for _, m := range []engine.Message{
		protocol.Produce{Partition: testID(0), Producer: 0, Count: 1},
		protocol.Produce{Partition: testID(0), Producer: 9, Count: 0},
		protocol.Produce{Partition: testID(0), Producer: 9, Count: -1},
		protocol.Produce{Partition: testID(0), Producer: 9, Count: 2, Idle: true},
		protocol.Produce{Partition: protocol.PartitionID{Topic: "t", Number: -1}, Producer: 9, Count: 1},
		protocol.Produce{Partition: protocol.PartitionID{Topic: "u"}, Producer: 9, Count: 1},
		protocol.Fetch{Partition: testID(0), Offset: -5, Credit: -5},
		protocol.Fetch{Partition: testID(0), Offset: 1 << 62},
		protocol.Pin{Partition: testID(0), Holder: string(make([]byte, 1000))},
		protocol.Pin{Partition: testID(0), Cut: protocol.Cut{Offset: -1}},
		protocol.Lookup{Partition: testID(0), Append: -1 << 63},
		&raftMessage{partition: 1 << 31, message: &raftpb.Message{Type: raftpb.MsgApp.Enum()}},
		election{1 << 31},
		status{1 << 31},
		idle{partition: 1 << 31},
		join{partition: 1 << 31},
		join{partition: 0, replica: replicaID(77, 7)},
		statusReply{partition: 1 << 31, leads: true},
	} {
		d.Inject(d.Now(), peer, leader, m)
	}
	if err := d.RunFor(engine.Second); err != nil {
		t.Fatal(err)
	}
	if d.leader(0) != leader || r.log.last() != last {
		t.Errorf("broker %d led, now %d; %d entries, now %d", leader, d.leader(0), last, r.log.last())
	}
}

// A candidate asks for votes when its own is durable: asked at once, the others could
// elect it for a term that it forgets in a crash, and then for the same term once more.
func TestCandidateWritesBeforeItAsks(t *testing.T) {
	d := calm(t, small(DefectNone))
	leader := d.leader(0)
	r := d.broker(d.others(leader)[0]).replicas[0]
	term := r.raft.BasicStatus().GetTerm()
	if err := r.raft.Step(&raftpb.Message{
		Type: raftpb.MsgTimeoutNow.Enum(), To: new(r.self), From: new(r.raft.BasicStatus().Lead), Term: new(term),
	}); err != nil {
		t.Fatal(err)
	}
	var fx engine.Effects
	r.pump(&fx)
	asks := func(list []engine.Envelope) (n int) {
		for i := range list {
			if m, ok := list[i].Msg.(*raftMessage); ok && m.message.GetType() == raftpb.MsgVote {
				n++
			}
		}
		return n
	}
	if r.log.hard.GetTerm() != term+1 || len(fx.Persists) == 0 {
		t.Errorf("the candidate's term is %d, after %d; %d writes", r.log.hard.GetTerm(), term, len(fx.Persists))
	}
	if now, later := asks(fx.Eager), asks(fx.Sends); now != 0 || later != 2 {
		t.Errorf("%d questions leave at once, %d when what was written is durable", now, later)
	}
}
