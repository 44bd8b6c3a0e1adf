package commitlog

import (
	"fmt"
	"slices"

	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
	"parallax/engine/wire"
)

// A replica's journal holds three kinds of records. All may carry a hard state
// (term, vote, commit), which replaces the one before:
//
//	append    kind 1 | hard 1 [term 8, vote 8, commit 8] |
//	          entries 4, each: index 8, term 8, type 1, data 4+n
//	trimmed   kind 2 | hard 1 [term 8, vote 8, commit 8] | snapshot
//	installed kind 3 | the same
//
// An entry replaces all entries at its index and behind it. A trimmed snapshot
// replaces the entries up to its index, one that was installed replaces all. A
// snapshot, here and in a message, is
//
//	index 8 | term 8 | voters 4, each 8 | learners 4, each 8 |
//	data 4+n: index of the last membership change 8 | state, as in state.go
//
// The state is as of the snapshot's index, the members as of that other one, which
// may be later: a replica has to know that it is a member to take a snapshot.
const (
	recordAppend byte = 1 + iota
	recordTrimmed
	recordInstalled
)

// appendRecord encodes entries. The data of each ends where the next one's header
// begins, and the last one's at the end.
func appendRecord(b []byte, hard *raftpb.HardState, list []*raftpb.Entry) []byte {
	size := firstEntry(hard)
	for _, en := range list {
		size += len(en.GetData()) + entryHeaderBytes
	}
	b = slices.Grow(b, size)
	b = appendHard(append(b, recordAppend), hard)
	b = wire.Order.AppendUint32(b, uint32(len(list)))
	for _, en := range list {
		b = wire.Order.AppendUint64(b, en.GetIndex())
		b = wire.Order.AppendUint64(b, en.GetTerm())
		b = append(b, byte(en.GetType()))
		b = wire.AppendBytes(b, en.GetData())
	}
	return b
}

// entryHeaderBytes precede an entry's data in a record.
const entryHeaderBytes = 21

// firstEntry is where in a record the first entry's data begins.
func firstEntry(hard *raftpb.HardState) int {
	if hard == nil {
		return 2 + 4 + entryHeaderBytes
	}
	return 2 + 24 + 4 + entryHeaderBytes
}

func appendSnapshotRecord(b []byte, kind byte, hard *raftpb.HardState, snap *raftpb.Snapshot) []byte {
	return appendSnapshot(appendHard(append(b, kind), hard), snap)
}

func appendHard(b []byte, hard *raftpb.HardState) []byte {
	if hard == nil {
		return append(b, 0)
	}
	b = wire.Order.AppendUint64(append(b, 1), hard.GetTerm())
	b = wire.Order.AppendUint64(b, hard.GetVote())
	return wire.Order.AppendUint64(b, hard.GetCommit())
}

// record is a decoded record of the journal.
type record struct {
	kind  byte
	hard  *raftpb.HardState
	slots []slot // with entry, place and command
	snap  *raftpb.Snapshot
}

// decodeRecord reads the record at at.
func decodeRecord(b []byte, at journal.Position) (record, error) {
	r := &reader{wire.Reader{Rest: b}}
	rec := record{kind: r.U8()}
	if r.Bool() {
		rec.hard = &raftpb.HardState{Term: new(r.U64()), Vote: new(r.U64()), Commit: new(r.U64())}
	}
	switch rec.kind {
	case recordAppend:
		for range r.Count(entryHeaderBytes) {
			en := &raftpb.Entry{Index: new(r.U64()), Term: new(r.U64()), Type: raftpb.EntryType(r.U8()).Enum()}
			size := int(r.U32())
			from := len(b) - len(r.Rest)
			en.Data = r.Take(size)
			s, err := newSlot(en, at, from)
			if err != nil {
				return record{}, err
			}
			rec.slots = append(rec.slots, s)
		}
	case recordTrimmed, recordInstalled:
		rec.snap = r.snapshot()
	default:
		r.Fail()
	}
	if err := r.End(); err != nil {
		return record{}, fmt.Errorf("%w: record of kind %d, %d bytes: %w", protocol.ErrMessage, rec.kind, len(b), err)
	}
	return rec, nil
}
