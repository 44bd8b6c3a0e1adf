package commitlog

import (
	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine"
	"parallax/engine/wire"
)

// raftMessage carries a message of a partition's Raft group. To oneself it is
// what a write answers when it is durable.
//
//	offset  bytes
//	     0      4  partition
//	     4      1  type, as Raft numbers them
//	     5      1  flags: 1 = rejects, 2 = a snapshot follows
//	     6      8  to, a replica
//	    14      8  from
//	    22      8  term
//	    30      8  log term
//	    38      8  index
//	    46      8  commit index
//	    54      8  hint of a rejection
//	    62      …  snapshot, if flagged: as in record.go
//	     …      …  entries 4, each: term 8, type 1, data 4+n
//
// The entries' indexes follow the message's.
type raftMessage struct {
	partition uint32 // index into the broker's partitions
	message   *raftpb.Message
}

const (
	flagReject   = 1
	flagSnapshot = 2
)

func (m *raftMessage) Kind() engine.Kind { return kindRaft }

// AppendTo encodes the message: what it shares with Raft's memory is copied here,
// at the end of the step.
func (m *raftMessage) AppendTo(b []byte) []byte {
	p := m.message
	flags := byte(0)
	if p.GetReject() {
		flags = flagReject
	}
	snap := p.GetSnapshot()
	if snap != nil {
		flags |= flagSnapshot
	}
	b = wire.Order.AppendUint32(b, m.partition)
	b = append(b, byte(p.GetType()), flags)
	b = wire.Order.AppendUint64(b, p.GetTo())
	b = wire.Order.AppendUint64(b, p.GetFrom())
	b = wire.Order.AppendUint64(b, p.GetTerm())
	b = wire.Order.AppendUint64(b, p.GetLogTerm())
	b = wire.Order.AppendUint64(b, p.GetIndex())
	b = wire.Order.AppendUint64(b, p.GetCommit())
	b = wire.Order.AppendUint64(b, p.GetRejectHint())
	switch {
	case snap == nil:
	case p.GetType() == raftpb.MsgSnap:
		b = appendSnapshot(b, snap)
	default: // a write's answer only names it
		meta := &raftpb.SnapshotMetadata{Index: snap.GetMetadata().Index, Term: snap.GetMetadata().Term}
		b = appendSnapshot(b, &raftpb.Snapshot{Metadata: meta})
	}
	b = wire.Order.AppendUint32(b, uint32(len(p.GetEntries())))
	for _, en := range p.GetEntries() {
		b = wire.Order.AppendUint64(b, en.GetTerm())
		b = append(b, byte(en.GetType()))
		b = wire.AppendBytes(b, en.GetData())
	}
	return b
}

// received is a decoded message and its fields, in one piece of memory.
type received struct {
	raftMessage
	content                                      raftpb.Message
	kind                                         raftpb.MessageType
	to, from, term, logTerm, index, commit, hint uint64
	reject                                       bool
}

// receivedEntry is the same for an entry.
type receivedEntry struct {
	entry       raftpb.Entry
	kind        raftpb.EntryType
	term, index uint64
}

func decodeRaft(r *reader) engine.Message {
	partition := r.U32()
	kind, flags := raftpb.MessageType(r.U8()), r.U8()
	p := &received{
		kind: kind, reject: flags&flagReject != 0, to: r.U64(), from: r.U64(), term: r.U64(), logTerm: r.U64(),
		index: r.U64(), commit: r.U64(), hint: r.U64(),
	}
	if !known(kind) || flags > flagReject|flagSnapshot || (kind == raftpb.MsgSnap) != (flags&flagSnapshot != 0) && kind != raftpb.MsgStorageAppendResp {
		r.Fail()
	}
	m := &p.content
	p.raftMessage = raftMessage{partition: partition, message: m}
	m.Type, m.To, m.From, m.Term, m.LogTerm = &p.kind, &p.to, &p.from, &p.term, &p.logTerm
	m.Index, m.Commit, m.RejectHint, m.Reject = &p.index, &p.commit, &p.hint, &p.reject
	if flags&flagSnapshot != 0 {
		m.Snapshot = r.snapshot()
	}
	if n := r.Count(13); n > 0 {
		block := make([]receivedEntry, n)
		m.Entries = make([]*raftpb.Entry, n)
		for i := range block {
			en := &block[i]
			en.term, en.kind, en.index = r.U64(), raftpb.EntryType(r.U8()), p.index+1+uint64(i)
			en.entry.Term, en.entry.Index, en.entry.Type, en.entry.Data = &en.term, &en.index, &en.kind, r.Bytes()
			m.Entries[i] = &en.entry
		}
	}
	return &p.raftMessage
}

// known reports whether brokers send such messages, to others or to themselves.
func known(t raftpb.MessageType) bool {
	switch t {
	case raftpb.MsgApp, raftpb.MsgAppResp, raftpb.MsgVote, raftpb.MsgVoteResp, raftpb.MsgPreVote, raftpb.MsgPreVoteResp,
		raftpb.MsgSnap, raftpb.MsgHeartbeat, raftpb.MsgHeartbeatResp, raftpb.MsgStorageAppendResp:
		return true
	}
	return false
}

// appendSnapshot encodes a snapshot: where it stands, the group's members and the
// partition's state.
func appendSnapshot(b []byte, s *raftpb.Snapshot) []byte {
	m := s.GetMetadata()
	b = wire.Order.AppendUint64(b, m.GetIndex())
	b = wire.Order.AppendUint64(b, m.GetTerm())
	for _, ids := range [...][]uint64{m.GetConfState().GetVoters(), m.GetConfState().GetLearners()} {
		b = wire.Order.AppendUint32(b, uint32(len(ids)))
		for _, id := range ids {
			b = wire.Order.AppendUint64(b, id)
		}
	}
	return wire.AppendBytes(b, s.GetData())
}

func (r *reader) snapshot() *raftpb.Snapshot {
	meta := &raftpb.SnapshotMetadata{Index: new(r.U64()), Term: new(r.U64())}
	conf := &raftpb.ConfState{}
	for _, ids := range [...]*[]uint64{&conf.Voters, &conf.Learners} {
		for range r.Count(8) {
			*ids = append(*ids, r.U64())
		}
	}
	meta.ConfState = raftpb.EnsureConfState(conf)
	return &raftpb.Snapshot{Metadata: meta, Data: r.Bytes()}
}
