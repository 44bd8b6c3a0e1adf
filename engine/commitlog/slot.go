package commitlog

import (
	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
)

// slot is one entry of the Raft log: where it is stored, what it is, and the cut
// before it.
type slot struct {
	term     uint64
	entry    *raftpb.Entry    // nil when it has to be read
	at       journal.Position // of the record that holds it
	from, to int32            // its data in that record
	kind     raftpb.EntryType
	command  byte           // 0 for an entry of Raft's own
	batch    protocol.Batch // of a commandBatch, without payload

	// What the log says, see entries.append.
	before   protocol.Cut
	appended int64 // append time of the last batch up to and including this entry
	total    int64 // bytes of data up to and including this entry
}

// newSlot looks into an entry whose data is part of the record at at, from byte
// from on.
func newSlot(en *raftpb.Entry, at journal.Position, from int) (slot, error) {
	s := slot{
		term: en.GetTerm(), kind: en.GetType(), at: at, from: int32(from), to: int32(from + len(en.GetData())), entry: en,
	}
	if s.kind == raftpb.EntryNormal && len(en.GetData()) > 0 {
		c, err := decodeCommand(en.GetData())
		if err != nil {
			return s, err
		}
		s.command, s.batch = c.kind, c.batch
		s.batch.Payload = nil
	}
	return s, nil
}

// size is what the slot keeps in memory of its data, in bytes.
func (s *slot) size() int { return len(s.entry.GetData()) }

// forget drops the entry and returns how many bytes of data that frees.
func (s *slot) forget() int {
	n := s.size()
	s.entry = nil
	return n
}

// end is the offset behind the entry.
func (s *slot) end() int64 {
	if s.command != commandBatch {
		return s.before.Offset
	}
	return s.batch.End()
}

// after is the cut behind the entry.
func (s *slot) after() protocol.Cut {
	if s.command != commandBatch {
		return s.before
	}
	return protocol.Cut{Offset: s.batch.End(), Frontier: s.batch.Frontier(s.before.Frontier)}
}
