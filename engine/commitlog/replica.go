package commitlog

import (
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

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
	broker *Broker
	index  uint32
	id     protocol.PartitionID
	self   uint64 // in the Raft group
	raft   *raft.RawNode
	log    *entries
	fatal  error

	state   state  // as of applied
	applied uint64 // index

	conf    *raftpb.ConfState // the members as of applied
	round   uint32            // of the election timer
	lead    uint64            // the leader that was last heard of, 0 if none
	leading *leading          // nil unless this replica leads

	asked     int // beats without being a member
	installed int // snapshots
	conflicts int // entries replaced
}

// open recovers a replica from its journal, or makes an empty one.
func (b *Broker) open(id protocol.PartitionID, holders []string, fx *engine.Effects) (*replica, error) {
	r := &replica{broker: b, index: uint32(len(b.replicas)), id: id}
	voters := make([]uint64, len(b.opts.Brokers))
	for i, n := range b.opts.Brokers {
		voters[i] = replicaID(uint64(n), 0)
	}
	generation, stale := r.generations(b.env.Disk)
	r.self = replicaID(uint64(b.env.ID), generation)
	r.log = newEntries(voters, holders, b.opts.Defect)
	err := r.recover(generation)
	if errors.Is(err, journal.ErrCorrupt) {
		// What this replica has promised is lost: it may neither vote nor
		// acknowledge as itself any more. It begins again as a new one.
		stale = append(stale, generation)
		generation = uint64(b.env.Boot)
		r.self = replicaID(uint64(b.env.ID), generation)
		r.log = newEntries(voters, holders, b.opts.Defect)
		err = r.recover(generation)
	}
	if err != nil {
		return nil, fmt.Errorf("commitlog: %s: %w", id, err)
	}
	r.removeGenerations(b.env.Disk, stale, fx)
	r.state, r.applied, r.conf = r.log.snap.clone(), r.log.snapIndex, r.log.snapConf
	r.raft, err = raft.NewRawNode(&raft.Config{
		ID: r.self, Storage: r.log, Applied: r.applied, AsyncStorageWrites: true,
		ElectionTick: never, HeartbeatTick: 1, PreVote: true,
		MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 64, MaxCommittedSizePerReady: 1 << 20,
		DisableProposalForwarding: true, Logger: quiet{},
	})
	if err != nil {
		return nil, fmt.Errorf("commitlog: %s: %w", id, err)
	}
	r.pump(fx)
	return r, r.fatal
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
	var history history
	opts := journal.Options{SegmentBytesMax: r.broker.opts.SegmentBytes}
	j, err := journal.Open(r.broker.env.Disk, r.broker.env.Boot, r.prefix(generation), opts, history.add)
	if err != nil {
		return err
	}
	if err := history.build(r.log); err != nil {
		return err
	}
	r.log.journal = j
	r.log.durable = r.log.last()
	return nil
}

// pump carries out everything that Raft wants done.
func (r *replica) pump(fx *engine.Effects) {
	for r.fatal == nil && r.raft.HasReady() {
		rd := r.raft.Ready()
		if rd.SoftState != nil {
			r.follow(rd.SoftState, fx)
		}
		for _, m := range rd.Messages {
			switch m.GetTo() {
			case raft.LocalAppendThread:
				r.store(m, fx)
			case raft.LocalApplyThread:
				r.apply(m, fx)
			default:
				r.send(m, fx)
			}
		}
	}
	if r.fatal != nil {
		fx.Fatal = fmt.Errorf("commitlog: %s: %w", r.id, r.fatal)
	}
}

// send lets a message to a peer leave now: Raft has put everything that reveals
// what is not durable among the responses of a write.
func (r *replica) send(m *raftpb.Message, fx *engine.Effects) {
	if e, ok := r.envelope(m); ok {
		fx.Eager = append(fx.Eager, e)
	}
}

func (r *replica) envelope(m *raftpb.Message) (engine.Envelope, bool) {
	data, err := proto.Marshal(m)
	if err != nil {
		r.fatal = err
		return engine.Envelope{}, false
	}
	to := engine.NodeID(brokerOf(m.GetTo()))
	return engine.Envelope{To: to, Msg: raftMessage{partition: r.index, message: data}}, true
}

// receive hands Raft a message of a peer, or of a write of this replica's that is
// durable.
func (r *replica) receive(from engine.NodeID, data []byte, fx *engine.Effects) {
	m := &raftpb.Message{}
	if err := unmarshal(data, m); err != nil {
		return // a damaged message is a lost one
	}
	own := from == r.broker.env.ID
	if !own && (m.GetTo() != r.self || brokerOf(m.GetFrom()) != uint64(from)) {
		return // for, or from, a replica that is no more
	}
	if m.GetType() == raftpb.MsgStorageAppendResp {
		r.log.sync(m.GetIndex(), m.GetLogTerm())
	}
	if err := r.raft.Step(m); err != nil && !errors.Is(err, raft.ErrStepPeerNotFound) && !errors.Is(err, raft.ErrProposalDropped) {
		r.fatal = err
		return
	}
	switch m.GetType() {
	case raftpb.MsgApp, raftpb.MsgHeartbeat, raftpb.MsgSnap:
		if r.raft.BasicStatus().Lead == m.GetFrom() {
			r.waitForLeader(fx)
		}
	}
}

// store makes a write of Raft's a record. Its responses leave when that is
// durable, in their wire.Order.
func (r *replica) store(m *raftpb.Message, fx *engine.Effects) {
	var then []engine.Envelope
	for _, resp := range m.GetResponses() {
		if e, ok := r.envelope(resp); ok {
			then = append(then, e)
		}
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
	h := &raftpb.HardState{Term: m.Term, Vote: m.Vote, Commit: m.Commit}
	if raft.IsEmptyHardState(h) {
		return nil
	}
	old := r.log.hard
	r.log.hard = h
	if h.GetTerm() == old.GetTerm() && h.GetVote() == old.GetVote() && len(m.GetEntries()) == 0 && len(m.GetResponses()) == 0 {
		return nil
	}
	return h
}

func (r *replica) write(hard *raftpb.HardState, list []*raftpb.Entry, then []engine.Envelope, fx *engine.Effects) {
	data, from := appendRecord(nil, hard, list)
	at := r.log.journal.Append(fx, data, then...)
	for i, en := range list {
		if en.GetIndex() <= r.log.last() {
			r.conflicts++
		}
		if err := r.log.put(en, at, from[i]); err != nil {
			r.fatal = err
			return
		}
	}
}

// install replaces this replica's log and state by a leader's snapshot.
func (r *replica) install(snap *raftpb.Snapshot, hard *raftpb.HardState, fx *engine.Effects) {
	if err := r.log.install(snap); err != nil {
		r.fatal = err
		return
	}
	r.state, r.applied, r.conf = r.log.snap.clone(), r.log.snapIndex, r.log.snapConf
	r.installed++
	r.writeSnapshot(recordInstalled, hard, fx)
}

// writeSnapshot notes where the log begins. The hard state goes with it, because
// the record that held it may be removed.
func (r *replica) writeSnapshot(kind byte, hard *raftpb.HardState, fx *engine.Effects) {
	if hard == nil {
		hard = r.log.hard
	}
	snap, err := r.log.Snapshot()
	if err == nil {
		var data []byte
		if data, err = appendSnapshotRecord(nil, kind, hard, snap); err == nil {
			at := r.log.journal.Append(fx, data)
			r.release(at, fx)
			return
		}
	}
	r.fatal = err
}

// release gives up the segments that hold nothing but trimmed entries.
func (r *replica) release(keep journal.Position, fx *engine.Effects) {
	if len(r.log.slots) > 0 {
		keep = r.log.slots[0].at
	}
	r.log.journal.Release(fx, keep)
}

// apply carries out committed entries.
func (r *replica) apply(m *raftpb.Message, fx *engine.Effects) {
	for _, en := range m.GetEntries() {
		if err := r.applyEntry(en, fx); err != nil {
			r.fatal = fmt.Errorf("entry %d: %w", en.GetIndex(), err)
			return
		}
	}
	for _, resp := range m.GetResponses() {
		if err := r.raft.Step(resp); err != nil {
			r.fatal = err
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
	if en.GetType() != raftpb.EntryNormal {
		cc, err := decodeConf(en.GetType(), en.GetData())
		if err == nil {
			r.conf = raftpb.EnsureConfState(r.raft.ApplyConfChange(cc))
		}
		return err
	}
	if len(en.GetData()) == 0 {
		return nil // Raft's own, at the beginning of a term
	}
	c, err := decodeCommand(en.GetData())
	if err != nil {
		return err
	}
	start := r.state.start
	if err := r.state.apply(&c); err != nil {
		return err
	}
	r.answer(&c, fx)
	if r.state.start != start {
		if err := r.log.trim(r.state.start, r.applied); err != nil {
			return err
		}
		r.writeSnapshot(recordTrimmed, nil, fx)
	}
	return nil
}
