package commitlog

import (
	"fmt"
	"sort"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
)

// cacheBytesMax is how much entry data a replica keeps in memory beyond what is
// not yet durable; older data is read from the disk again.
const cacheBytesMax = 4 << 20

// slot is one entry of the Raft log: where it is stored, what it is, and the cut
// before and behind it.
type slot struct {
	term     uint64
	kind     raftpb.EntryType
	at       journal.Position // of the record that holds it
	from, to int              // its data in that record
	data     []byte           // nil when it has to be read
	command  byte             // 0 for an entry of Raft's own
	batch    protocol.Batch   // of a commandBatch, without payload
	before   protocol.Cut
	appended int64 // append time of the last batch up to and including this entry
}

func (s *slot) after() protocol.Cut {
	if s.command != commandBatch {
		return s.before
	}
	return protocol.Cut{Offset: s.batch.End(), Frontier: s.batch.Frontier(s.before.Frontier)}
}

// entries is the Raft log of one replica: the entries behind the snapshot's
// index, as last written. It is what Raft reads (raft.Storage); what was written
// and is not yet durable is still in memory, so nothing undurable is read.
type entries struct {
	journal *journal.Journal
	hard    *raftpb.HardState
	defect  Defect

	snapIndex, snapTerm uint64
	snap                state // as of snapIndex; its start is the log's
	snapConf            *raftpb.ConfState

	slots   []slot // of index snapIndex+1 and on
	durable uint64 // index up to which the entries are known to be durable
	cached  uint64 // index from which on data is kept in memory
	bytes   int    // of it
}

func newEntries(voters []uint64, holders []string, defect Defect) *entries {
	snap := newState()
	snap.defect = defect
	for _, h := range holders {
		snap.pins.set(h, snap.start, false)
	}
	return &entries{
		hard: &raftpb.HardState{}, snap: snap, defect: defect,
		snapConf: raftpb.EnsureConfState(&raftpb.ConfState{Voters: voters}),
		cached:   1,
	}
}

// last is the index of the last entry.
func (e *entries) last() uint64 { return e.snapIndex + uint64(len(e.slots)) }

// slot is the entry of an index behind the snapshot's.
func (e *entries) slot(index uint64) *slot { return &e.slots[index-e.snapIndex-1] }

// tail is the cut behind the last entry, committed or not, and the append time
// that the next batch must not go below.
func (e *entries) tail() (protocol.Cut, int64) {
	if n := len(e.slots); n > 0 {
		return e.slots[n-1].after(), e.slots[n-1].appended
	}
	return e.snap.end, e.snap.append
}

// put stores an entry as the last one, taking away what stood at its index and
// behind. The data is part of the record at at, from byte from on.
func (e *entries) put(en *raftpb.Entry, at journal.Position, from int) error {
	index := en.GetIndex()
	if index <= e.snapIndex || index > e.last()+1 {
		return fmt.Errorf("%w: entry %d in a log of %d to %d", errApply, index, e.snapIndex, e.last())
	}
	e.cut(index)
	before, appended := e.tail()
	s := slot{
		term: en.GetTerm(), kind: en.GetType(), at: at, from: from, to: from + len(en.GetData()),
		data: en.GetData(), before: before, appended: appended,
	}
	if s.kind == raftpb.EntryNormal && len(s.data) > 0 {
		c, err := decodeCommand(s.data)
		if err != nil {
			return err
		}
		s.command, s.batch = c.kind, c.batch
		s.batch.Payload = nil
		s.appended = max(appended, c.batch.Append)
	}
	e.slots = append(e.slots, s)
	e.bytes += len(s.data)
	e.evict()
	return nil
}

// cut forgets the entries from index on.
func (e *entries) cut(index uint64) {
	for e.last() >= index {
		n := len(e.slots) - 1
		if e.last() >= e.cached {
			e.bytes -= len(e.slots[n].data)
		}
		e.slots[n] = slot{}
		e.slots = e.slots[:n]
	}
	e.durable = min(e.durable, index-1)
	e.cached = min(e.cached, index)
}

// evict drops data that can be read from the disk again, oldest first.
func (e *entries) evict() {
	for e.bytes > cacheBytesMax && e.cached <= e.durable && e.cached <= e.last() {
		s := e.slot(e.cached)
		e.bytes -= len(s.data)
		s.data = nil
		e.cached++
	}
}

// sync notes that all entries up to index are durable, unless they have been
// replaced since.
func (e *entries) sync(index, term uint64) {
	if index > e.snapIndex && index <= e.last() && e.slot(index).term == term {
		e.durable = max(e.durable, index)
		e.evict()
	}
}

// read is the data of an entry.
func (e *entries) read(index uint64) ([]byte, error) {
	s := e.slot(index)
	if s.data != nil || s.from == s.to {
		return s.data, nil
	}
	record, err := e.journal.Read(s.at)
	if err != nil {
		return nil, err
	}
	return record[s.from:s.to:s.to], nil
}

// find is the index of the entry that holds the record at offset, or of the first
// one behind it, at most limit+1.
func (e *entries) find(offset int64, limit uint64) uint64 {
	n := int(limit - e.snapIndex)
	i := sort.Search(n, func(i int) bool {
		after := e.slots[i].after()
		return after.Offset > offset
	})
	return e.snapIndex + 1 + uint64(i)
}

// trim moves the snapshot to the last entry that lies whole below start, and
// forgets the entries up to there. It returns the index, unchanged if there is
// nothing to forget. Only applied entries may be trimmed.
func (e *entries) trim(start protocol.Cut, applied uint64) error {
	n := 0
	for e.snapIndex+uint64(n) < applied && e.slots[n].after().Offset <= start.Offset {
		if err := e.advance(&e.slots[n], e.snapIndex+uint64(n)+1); err != nil {
			return err
		}
		n++
	}
	if n > 0 {
		e.drop(n)
	}
	e.snap.start = e.snap.end
	return nil
}

// advance carries the snapshot's state over one entry.
func (e *entries) advance(s *slot, index uint64) error {
	if s.kind != raftpb.EntryNormal {
		data, err := e.read(index)
		if err != nil {
			return err
		}
		conf, err := nextConf(e.snapConf, s.kind, data)
		if err != nil {
			return err
		}
		e.snapConf = conf
		return nil
	}
	c := command{kind: s.command, batch: s.batch}
	if s.command == commandPin || s.command == commandTrim {
		data, err := e.read(index)
		if err != nil {
			return err
		}
		if c, err = decodeCommand(data); err != nil {
			return err
		}
	}
	if s.command == 0 {
		return nil
	}
	return e.snap.apply(&c)
}

// drop forgets the first n entries, which the snapshot stands for now.
func (e *entries) drop(n int) {
	e.snapTerm = e.slots[n-1].term
	for i := range n {
		if e.snapIndex+uint64(i)+1 >= e.cached {
			e.bytes -= len(e.slots[i].data)
		}
	}
	e.snapIndex += uint64(n)
	e.slots = append([]slot(nil), e.slots[n:]...)
	e.cached = max(e.cached, e.snapIndex+1)
	e.durable = max(e.durable, e.snapIndex)
}

// install replaces everything by a snapshot.
func (e *entries) install(s *raftpb.Snapshot) error {
	st, err := decodeState(s.GetData())
	if err != nil {
		return err
	}
	st.defect = e.defect
	m := s.GetMetadata()
	e.snapIndex, e.snapTerm, e.snap = m.GetIndex(), m.GetTerm(), st
	e.snapConf = raftpb.EnsureConfState(m.GetConfState())
	e.slots, e.bytes, e.durable, e.cached = nil, 0, e.snapIndex, e.snapIndex+1
	return nil
}

// InitialState is what Raft starts from.
func (e *entries) InitialState() (*raftpb.HardState, *raftpb.ConfState, error) {
	return e.hard, e.snapConf, nil
}

// Entries returns entries [lo, hi), at least one and at most about sizeMax bytes.
func (e *entries) Entries(lo, hi, sizeMax uint64) ([]*raftpb.Entry, error) {
	if lo <= e.snapIndex {
		return nil, raft.ErrCompacted
	}
	if hi > e.last()+1 {
		return nil, raft.ErrUnavailable
	}
	var list []*raftpb.Entry
	size := uint64(0)
	for index := lo; index < hi; index++ {
		data, err := e.read(index)
		if err != nil {
			return nil, err
		}
		size += uint64(len(data)) + 24
		if size > sizeMax && len(list) > 0 {
			break
		}
		s := e.slot(index)
		list = append(list, &raftpb.Entry{Term: new(s.term), Index: new(index), Type: s.kind.Enum(), Data: data})
	}
	return list, nil
}

// Term is the term of an entry, or of the snapshot.
func (e *entries) Term(index uint64) (uint64, error) {
	switch {
	case index == e.snapIndex:
		return e.snapTerm, nil
	case index < e.snapIndex:
		return 0, raft.ErrCompacted
	case index > e.last():
		return 0, raft.ErrUnavailable
	}
	return e.slot(index).term, nil
}

// LastIndex is the index of the last entry.
func (e *entries) LastIndex() (uint64, error) { return e.last(), nil }

// FirstIndex is the index behind the snapshot.
func (e *entries) FirstIndex() (uint64, error) { return e.snapIndex + 1, nil }

// Snapshot stands for everything that was trimmed: no records, but where the log
// begins and what is known of it.
func (e *entries) Snapshot() (*raftpb.Snapshot, error) {
	return &raftpb.Snapshot{
		Data: e.snap.appendTo(nil),
		Metadata: &raftpb.SnapshotMetadata{
			ConfState: e.snapConf, Index: new(e.snapIndex), Term: new(e.snapTerm),
		},
	}, nil
}
