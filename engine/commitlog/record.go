package commitlog

import (
	"fmt"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// A replica's journal holds two kinds of records. Both may carry a hard state
// (term, vote, commit), which replaces the one before:
//
//	append    kind 1 | hard 1 [term 8, vote 8, commit 8] |
//	          entries 4, each: index 8, term 8, type 1, data 4+n
//	trimmed   kind 2 | hard 1 [term 8, vote 8, commit 8] | snapshot (protobuf) 4+n
//	installed kind 3 | the same
//
// An entry replaces all entries at its index and behind it. A trimmed snapshot
// replaces the entries up to its index, one that was installed replaces all.
const (
	recordAppend byte = 1 + iota
	recordTrimmed
	recordInstalled
)

// appendRecord encodes entries and returns where the data of each begins.
func appendRecord(b []byte, hard *raftpb.HardState, list []*raftpb.Entry) ([]byte, []int) {
	b = appendHard(append(b, recordAppend), hard)
	b = wire.Order.AppendUint32(b, uint32(len(list)))
	from := make([]int, len(list))
	for i, en := range list {
		b = wire.Order.AppendUint64(b, en.GetIndex())
		b = wire.Order.AppendUint64(b, en.GetTerm())
		b = append(b, byte(en.GetType()))
		b = wire.Order.AppendUint32(b, uint32(len(en.GetData())))
		from[i] = len(b)
		b = append(b, en.GetData()...)
	}
	return b, from
}

func appendSnapshotRecord(b []byte, kind byte, hard *raftpb.HardState, snap *raftpb.Snapshot) ([]byte, error) {
	b = appendHard(append(b, kind), hard)
	data, err := proto.Marshal(snap)
	if err != nil {
		return nil, fmt.Errorf("commitlog: snapshot: %w", err)
	}
	return wire.AppendBytes(b, data), nil
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
	kind byte
	hard *raftpb.HardState
	list []*raftpb.Entry
	from []int // where in the record the data of each entry begins
	snap *raftpb.Snapshot
}

func decodeRecord(b []byte) (record, error) {
	r := &reader{wire.Reader{Rest: b}}
	rec := record{kind: r.U8()}
	if r.Bool() {
		rec.hard = &raftpb.HardState{Term: new(r.U64()), Vote: new(r.U64()), Commit: new(r.U64())}
	}
	switch rec.kind {
	case recordAppend:
		for range r.Count(21) {
			en := &raftpb.Entry{Index: new(r.U64()), Term: new(r.U64()), Type: raftpb.EntryType(r.U8()).Enum()}
			size := int(r.U32())
			rec.from = append(rec.from, len(b)-len(r.Rest))
			en.Data = r.Take(size)
			rec.list = append(rec.list, en)
		}
	case recordTrimmed, recordInstalled:
		rec.snap = &raftpb.Snapshot{}
		if err := unmarshal(r.Bytes(), rec.snap); err != nil {
			return record{}, fmt.Errorf("%w: %v", errSnapshot, err)
		}
	default:
		r.Fail()
	}
	if err := r.End(); err != nil {
		return record{}, fmt.Errorf("%w: record of kind %d, %d bytes: %w", protocol.ErrMessage, rec.kind, len(b), err)
	}
	return rec, nil
}

func unmarshal(b []byte, m proto.Message) error { return proto.Unmarshal(b, m) }
