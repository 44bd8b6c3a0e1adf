package commitlog

import (
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
)

// never is a number of ticks that does not pass: Raft's own election time-out
// draws from the machine's randomness, so elections are started by a timer of
// ours and only leaders tick.
const never = 1 << 30

// replica is one partition on one broker: a Raft group's member whose log is the
// partition's log.
type replica struct {
	broker  *Broker
	index   uint32
	id      protocol.PartitionID
	holders []string // of pins from the first
	self    uint64   // in the Raft group
	raft    *raft.RawNode
	log     *entries
	fatal   error

	state   state  // as of applied
	applied uint64 // index

	lead     uint64         // the leader that Raft believes in, 0 if none
	heard    engine.Instant // when it, or an election of our own, was last heard of
	patience int64          // ns that may pass since then
	leading  *leading       // nil unless this replica leads

	asked     int // beats without being a member
	installed int // snapshots
	conflicts int // entries replaced
}

// open recovers a replica from its journal, or makes an empty one.
func (b *Broker) open(id protocol.PartitionID, holders []string, fx *engine.Effects) (*replica, error) {
	r := &replica{broker: b, index: uint32(len(b.replicas)), id: id, holders: holders}
	generation, stale := r.generations(b.env.Disk)
	err := r.recover(generation)
	if errors.Is(err, journal.ErrCorrupt) {
		stale = append(stale, generation)
		generation, err = r.beginAgain(generation, fx)
	}
	if err == nil && r.log.journal.Unmarked() {
		b.env.Sometimes("commitlog.unmarked")
		r.log.journal.Append(fx, appendRecord(nil, nil, nil))
	}
	if err == nil {
		r.removeGenerations(b.env.Disk, stale, fx)
		err = r.run(generation)
	}
	if err != nil {
		return nil, fmt.Errorf("commitlog: %s: %w", id, err)
	}
	r.pump(fx)
	return r, r.fatal
}

// run starts Raft on the log as it is.
func (r *replica) run(generation uint64) (err error) {
	r.self = replicaID(uint64(r.broker.env.ID), generation)
	r.state, r.applied = r.log.snap.clone(), r.log.snapIndex
	r.raft, err = raft.NewRawNode(&raft.Config{
		ID: r.self, Storage: r.log, Applied: r.applied, AsyncStorageWrites: true,
		ElectionTick: never, HeartbeatTick: 1, PreVote: true,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 64, MaxCommittedSizePerReady: 1 << 20,
		MaxUncommittedEntriesSize: uncommittedBytesMax,
		DisableProposalForwarding: true, Logger: quiet{},
	})
	return err
}

func (r *replica) prefix(generation uint64) string {
	return fmt.Sprintf("%s-%d-g%08x", r.id.Topic, r.id.Number, generation)
}

// generations finds the newest generation that the disk has files of, and the
// older ones.
func (r *replica) generations(disk engine.Disk) (newest uint64, stale []uint64) {
	for _, file := range disk.Files() {
		rest, ok := strings.CutPrefix(file, fmt.Sprintf("%s-%d-g", r.id.Topic, r.id.Number))
		if !ok || len(rest) < 8 {
			continue
		}
		var g uint64
		if _, err := fmt.Sscanf(rest[:8], "%08x", &g); err != nil || g <= newest {
			continue
		}
		stale = append(stale, newest)
		newest = g
	}
	return newest, stale
}

func (r *replica) removeGenerations(disk engine.Disk, stale []uint64, fx *engine.Effects) {
	for _, g := range stale {
		for _, file := range disk.Files() {
			if strings.HasPrefix(file, r.prefix(g)+"-") {
				fx.Remove(file)
			}
		}
	}
}

func (r *replica) recover(generation uint64) error {
	voters := make([]uint64, len(r.broker.opts.Brokers))
	for i, n := range r.broker.opts.Brokers {
		voters[i] = replicaID(uint64(n), 0)
	}
	r.log = newEntries(voters, r.holders, int(r.broker.opts.CacheBytes), r.broker.opts.Defect)
	history := history{keep: int(r.broker.opts.CacheBytes)}
	opts := journal.Options{SegmentBytesMax: r.broker.opts.SegmentBytes, Hooks: r.broker.env.Hooks}
	switch r.broker.opts.Defect {
	case DefectTornTail:
		opts.Defect = journal.DefectOldFile
	case DefectHole:
		opts.Defect = journal.DefectNoPredecessor
	}
	j, err := journal.Open(r.broker.env.Disk, r.broker.env.Boot, r.prefix(generation), opts, history.add)
	if err != nil {
		return err
	}
	r.log.journal = j
	if r.broker.opts.Defect == DefectTruncate {
		history.truncate()
	}
	return history.build(r.log)
}

// pump carries out everything that Raft wants done.
func (r *replica) pump(fx *engine.Effects) {
	for r.fatal == nil && (r.log.spoiled != nil || r.raft.HasReady()) {
		if r.log.spoiled == nil {
			r.carryOut(r.raft.Ready(), fx)
		} else {
			r.renew(fx)
		}
	}
	if r.fatal != nil {
		fx.Fatal = fmt.Errorf("commitlog: %s: %w", r.id, r.fatal)
	}
}

// carryOut does what Raft has ready, as long as the log can be read: to make it ready
// Raft may have read what it cannot.
func (r *replica) carryOut(rd raft.Ready, fx *engine.Effects) {
	if rd.SoftState != nil && r.log.spoiled == nil {
		r.follow(rd.SoftState, fx)
	}
	for _, m := range rd.Messages {
		switch {
		case r.log.spoiled != nil:
			return
		case m.GetTo() == raft.LocalAppendThread:
			r.store(m, fx)
		case m.GetTo() == raft.LocalApplyThread:
			r.apply(m, fx)
		default:
			r.send(m, fx)
		}
	}
}

// send lets a message to a peer leave now: Raft has put what reveals what is not durable
// among the responses of a write, with one exception. A candidate asks for votes while its
// own is being written: two others can elect it for a term of which it knows nothing after
// a crash, so that it is elected for the same term again and fills it with other entries.
// Its question waits for its vote ("In Search of an Understandable Consensus Algorithm",
// figure 2: the term is persistent before it is sent).
func (r *replica) send(m *raftpb.Message, fx *engine.Effects) {
	if m.GetType() == raftpb.MsgVote {
		fx.Sends = append(fx.Sends, r.envelope(m))
		return
	}
	fx.Eager = append(fx.Eager, r.envelope(m))
	if m.GetType() == raftpb.MsgSnap {
		// Nobody else would tell Raft, which sends nothing until then. If the
		// snapshot is lost the next append is rejected, and it is sent again.
		r.raft.ReportSnapshot(m.GetTo(), raft.SnapshotFinish)
		r.broker.env.Sometimes("commitlog.snapshot-sent")
	}
}

func (r *replica) envelope(m *raftpb.Message) engine.Envelope {
	return engine.Envelope{To: engine.NodeID(brokerOf(m.GetTo())), Msg: &raftMessage{partition: r.index, message: m}}
}

// receive hands Raft a message of a peer, or of a write of this replica's that is
// durable.
func (r *replica) receive(from engine.NodeID, m *raftpb.Message) {
	own := from == r.broker.env.ID
	if m.GetTo() != r.self || !own && brokerOf(m.GetFrom()) != uint64(from) {
		r.broker.env.Sometimes("commitlog.message-of-the-dead")
		return // for, or from, a replica that is no more
	}
	if m.GetType() == raftpb.MsgPreVote && r.hearsLeader() {
		r.broker.env.Sometimes("commitlog.vote-refused")
		return // there is one: whoever asks has lost sight of it
	}
	if err := r.raft.Step(m); err != nil {
		if own {
			r.fatal = err
		}
		return
	}
	switch m.GetType() {
	case raftpb.MsgApp, raftpb.MsgHeartbeat, raftpb.MsgSnap:
		if r.raft.BasicStatus().Lead == m.GetFrom() {
			r.heard = r.broker.now
		}
	}
}

// store makes a write of Raft's a record. Its responses leave when that is
// durable, in their order.
func (r *replica) store(m *raftpb.Message, fx *engine.Effects) {
	then := make([]engine.Envelope, len(m.GetResponses()))
	for i, resp := range m.GetResponses() {
		then[i] = r.envelope(resp)
	}
	if r.broker.opts.Defect == DefectUnsynced {
		fx.Eager, then = append(fx.Eager, then...), nil
	}
	hard := r.hardState(m)
	switch {
	case r.fatal != nil:
	case m.GetSnapshot() != nil && !raft.IsEmptySnap(m.GetSnapshot()):
		r.install(m.GetSnapshot(), hard, fx)
		if len(m.GetEntries()) > 0 {
			r.write(nil, m.GetEntries(), then, fx)
		} else {
			fx.Persist("", nil, then...)
		}
	case hard != nil || len(m.GetEntries()) > 0:
		r.write(hard, m.GetEntries(), then, fx)
	case len(then) > 0:
		fx.Persist("", nil, then...) // nothing to write: wait for what was written before
	}
}

// hardState is the state that a write has to make durable, nil if there is none.
// A commit index alone need not be: it is found out again.
func (r *replica) hardState(m *raftpb.Message) *raftpb.HardState {
	if m.GetTerm() == 0 {
		return nil // not set: there is no change
	}
	h := &raftpb.HardState{Term: m.Term, Vote: m.Vote, Commit: m.Commit}
	old := r.log.hard
	r.log.hard = h
	if h.GetTerm() == old.GetTerm() && h.GetVote() == old.GetVote() && len(m.GetEntries()) == 0 {
		return nil
	}
	return h
}

func (r *replica) write(hard *raftpb.HardState, list []*raftpb.Entry, then []engine.Envelope, fx *engine.Effects) {
	at := r.log.journal.Append(fx, appendRecord(nil, hard, list), then...)
	from := firstEntry(hard)
	for _, en := range list {
		if en.GetIndex() <= r.log.last() {
			r.broker.env.Sometimes("commitlog.entries-replaced")
			r.conflicts += int(r.log.last() - en.GetIndex() + 1)
		}
		if r.fatal = r.log.put(en, at, from); r.fatal != nil {
			return
		}
		from += len(en.GetData()) + entryHeaderBytes
	}
}

// install replaces this replica's log and state by a leader's snapshot.
func (r *replica) install(snap *raftpb.Snapshot, hard *raftpb.HardState, fx *engine.Effects) {
	if r.fatal = r.log.install(snap); r.fatal != nil {
		return
	}
	r.state, r.applied = r.log.snap.clone(), r.log.snapIndex
	r.installed++
	r.broker.env.Sometimes("commitlog.snapshot-installed")
	r.writeSnapshot(recordInstalled, hard, fx)
}

// writeSnapshot notes where the log begins, and gives up the segments that hold
// nothing but trimmed entries. The hard state goes with it, because the record
// that held it may be in one of them.
func (r *replica) writeSnapshot(kind byte, hard *raftpb.HardState, fx *engine.Effects) {
	if hard == nil {
		hard = r.log.hard
	}
	snap, err := r.log.Snapshot()
	if err != nil {
		r.fatal = err
		return
	}
	keep := r.log.journal.Append(fx, appendSnapshotRecord(nil, kind, hard, snap))
	if len(r.log.slots) > 0 {
		keep = r.log.slots[0].at
	}
	r.log.journal.Release(fx, keep)
}

// apply carries out committed entries.
func (r *replica) apply(m *raftpb.Message, fx *engine.Effects) {
	for _, en := range m.GetEntries() {
		if err := r.applyEntry(en, fx); err != nil {
			r.unreadable(fmt.Errorf("entry %d: %w", en.GetIndex(), err))
			return
		}
	}
	for _, resp := range m.GetResponses() {
		if r.fatal = r.raft.Step(resp); r.fatal != nil {
			return
		}
	}
	r.wake(fx)
}

func (r *replica) applyEntry(en *raftpb.Entry, fx *engine.Effects) error {
	if en.GetIndex() != r.applied+1 {
		return fmt.Errorf("%w: applied %d", errApply, r.applied)
	}
	r.applied = en.GetIndex()
	s := r.log.slot(r.applied)
	switch {
	case s.kind != raftpb.EntryNormal:
		return r.changeMembers(en, fx)
	case s.command == 0:
		return nil // Raft's own, at the beginning of a term
	}
	c := command{kind: s.command, batch: s.batch}
	if s.command != commandBatch {
		var err error
		if c, err = decodeCommand(en.GetData()); err != nil {
			return err
		}
	}
	start := r.state.start
	if err := r.state.apply(&c); err != nil {
		return err
	}
	r.answer(&c, fx)
	if r.state.start != start {
		trimmed, err := r.log.trim(r.state.start, r.applied)
		if err != nil {
			return err
		}
		if trimmed {
			r.broker.env.Sometimes("commitlog.trim")
			r.writeSnapshot(recordTrimmed, nil, fx)
		}
	}
	return nil
}
