package commitlog

import (
	"testing"

	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/sim"
)

// A broker that is down while the log is trimmed past its end comes back by a
// snapshot, and then by entries.
func TestRetentionDuringCatchUp(t *testing.T) {
	d := calm(t, small(DefectNone))
	d.write(150)
	if err := d.RunFor(50 * engine.Millisecond); err != nil {
		t.Fatal(err)
	}
	down := d.others(d.leader(0))[0]
	end := d.broker(down).replicas[0].state.end.Offset
	d.Crash(down)
	start := func() int64 {
		if l := d.leader(0); l != 0 {
			return d.broker(l).Status()[0].Start.Offset
		}
		return 0
	}
	if !d.until(t, 20*engine.Second, func() bool { return start() > end+20 }) {
		t.Fatalf("the log is not trimmed beyond %d: %s", end, d.where())
	}
	d.Restart(down)
	if !d.until(t, 20*engine.Second, d.settled) {
		t.Fatal(d.where())
	}
	if d.broker(down).Status()[0].Snapshots == 0 {
		t.Error("no snapshot was installed")
	}
}

// A pin that nobody moves holds the log; released, it lets go.
func TestPinHolds(t *testing.T) {
	d := calm(t, small(DefectNone))
	leader := d.leader(0)
	ask := func(m protocol.Pin) {
		m.Partition = testID(0)
		d.Inject(d.Now(), d.sink(), leader, m)
	}
	for p := range d.check.logs {
		delete(d.check.logs[p].floor, "reader") // no reader in this world
	}
	ask(protocol.Pin{Holder: "reader", Release: true})
	ask(protocol.Pin{Holder: "archive", Cut: protocol.LogStart()})
	for i := range uint32(100) {
		d.Inject(d.Now(), d.sink(), leader, protocol.Produce{Partition: testID(0), Producer: 9, Sequence: i, Count: 1, Payload: make([]byte, 40)})
	}
	r := d.broker(leader).replicas[0]
	if !d.until(t, 3*engine.Second, func() bool { return r.state.end.Offset == 100 }) {
		t.Fatal(d.where())
	}
	if err := d.RunFor(engine.Second); err != nil {
		t.Fatal(err)
	}
	if r.state.start.Offset != 0 {
		t.Fatalf("the log begins at %d", r.state.start.Offset)
	}
	ask(protocol.Pin{Holder: "archive", Cut: protocol.Cut{Offset: 30}})
	if !d.until(t, engine.Second, func() bool { return r.state.start.Offset == 30 }) {
		t.Fatalf("the log begins at %d, the pin is at 30", r.state.start.Offset)
	}
	ask(protocol.Pin{Holder: "archive", Release: true})
	if !d.until(t, engine.Second, func() bool { return r.state.start.Offset > 30 }) {
		t.Fatalf("the log begins at %d without any pin", r.state.start.Offset)
	}
}

// Members that came with a snapshot are as of a later entry: the changes in between
// are not carried out again, else a voter would be a learner for a while.
func TestMembersOfLater(t *testing.T) {
	d := damaged(t, 1)
	d.Restart(2)
	if !d.until(t, 10*engine.Second, func() bool { return d.settled() && d.check.rejoined > 0 }) {
		t.Fatal(d.where())
	}
	r := d.broker(d.leader(0)).replicas[0]
	voters := r.log.conf.GetVoters()
	cc := &raftpb.ConfChangeV2{Changes: []*raftpb.ConfChangeSingle{{Type: raftpb.ConfChangeAddLearnerNode.Enum(), NodeId: new(voters[1])}}}
	kind, data, err := raftpb.MarshalConfChange(cc)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.changeMembers(&raftpb.Entry{Type: kind.Enum(), Data: data, Index: new(r.log.confIndex - 1)}, nil); err != nil {
		t.Fatal(err)
	}
	if len(r.log.conf.GetVoters()) != len(voters) {
		t.Errorf("voters %x, were %x", r.log.conf.GetVoters(), voters)
	}
}

// A partition without rows is told the least frontier of the others, now and then;
// when all are silent nothing is appended anywhere.
func TestIdle(t *testing.T) {
	run := func() *deployment {
		d := calm(t, small(DefectNone))
		d.write(1000)
		if !d.until(t, 20*engine.Second, d.settled) {
			t.Fatal(d.where())
		}
		if err := d.RunFor(engine.Second); err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := run()
	l, before := d.check.logs[testWritten], d.check.idle
	if n := len(l.batches); n == 0 || n > 40 {
		t.Errorf("%d idle records", n)
	}
	if again := run(); again.check.idle != before || again.Hash() != d.Hash() {
		t.Error("another run has other idle records")
	}
	if err := d.RunFor(5 * engine.Second); err != nil {
		t.Fatal(err)
	}
	if d.check.idle != before {
		t.Errorf("%d idle records although all partitions are idle", d.check.idle-before)
	}
	for _, b := range l.batches {
		if !b.Idle || b.Producer != 0 || b.TimeMax > d.check.logs[0].state.end.Frontier {
			t.Errorf("%+v in a partition without rows", b)
		}
	}
}

// Every replica finds the first batch that was appended at a time or later.
func TestLookup(t *testing.T) {
	opts := small(DefectNone)
	opts.RetainBytes = 3000
	d := deploy(sim.Options{Seed: 1}, opts)
	d.write(60)
	if !d.until(t, 20*engine.Second, d.settled) {
		t.Fatal(d.where())
	}
	for _, id := range d.brokers {
		r := d.broker(id).replicas[0]
		lowest := int64(-1)
		for _, b := range d.check.logs[0].batches {
			if b.Base < r.state.start.Offset {
				continue
			}
			want := b.before
			if b.Append == lowest {
				continue // the first of those with this time counts
			}
			lowest = b.Append
			if got := r.at(b.Append); got != want {
				t.Fatalf("broker %d: time %d is at %v, want %v", id, b.Append, got, want)
			}
		}
		if got := r.at(lowest + 1); got != r.state.end {
			t.Errorf("broker %d: the future is at %v, want %v", id, got, r.state.end)
		}
	}
}
