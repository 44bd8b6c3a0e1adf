package commitlog

import (
	"fmt"
	"sort"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
	"parallax/engine/wire"
)

// entries is the Raft log of one replica: the entries behind the snapshot's
// index, as last written. It is what Raft reads (raft.Storage); what was written
// and is not yet durable is still in memory, so nothing undurable is read.
type entries struct {
	journal *journal.Journal
	hard    *raftpb.HardState

	snapIndex, snapTerm uint64
	snap                state // as of snapIndex; the log begins at its end

	// The group's members as of the entry confIndex: the newest that was applied,
	// or what came with a snapshot.
	conf      *raftpb.ConfState
	confIndex uint64

	slots  []slot // of index snapIndex+1 and on
	cached uint64 // index from which on data is kept in memory
	bytes  int    // of it
	keep   int    // of it at most, beyond what is not yet durable

	// spoiled is what the disk said when it could not read an entry that it holds.
	// From then on nothing that Raft makes of this log may leave.
	spoiled error

	// The record that was last read from the disk: entries are read in order.
	readAt journal.Position
	record []byte
}

func newEntries(voters []uint64, holders []string, keep int, defect Defect) *entries {
	snap := newState()
	snap.defect = defect
	for _, h := range holders {
		snap.pins.set(h, snap.start, false)
	}
	return &entries{
		hard: &raftpb.HardState{}, snap: snap, cached: 1, keep: keep,
		conf: raftpb.EnsureConfState(&raftpb.ConfState{Voters: voters}),
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
	s, err := newSlot(en, at, from)
	if err != nil {
		return err
	}
	e.cut(index)
	e.append(&s)
	return nil
}

func (e *entries) append(s *slot) {
	total := int64(0)
	if n := len(e.slots); n > 0 {
		total = e.slots[n-1].total
	}
	s.before, s.appended = e.tail()
	s.total = total + int64(s.to-s.from)
	if s.command == commandBatch {
		s.appended = max(s.appended, s.batch.Append)
	}
	e.slots = append(e.slots, *s)
	e.bytes += s.size()
	e.evict()
}

// cut forgets the entries from index on.
func (e *entries) cut(index uint64) {
	for e.last() >= index {
		n := len(e.slots) - 1
		e.bytes -= e.slots[n].forget()
		e.slots = e.slots[:n]
	}
	e.cached = min(e.cached, index)
}

// evict drops data that can be read from the disk again, oldest first.
func (e *entries) evict() {
	for e.bytes > e.keep && e.cached <= e.last() {
		s := e.slot(e.cached)
		if s.entry != nil && !e.journal.Durable(s.at) {
			return
		}
		e.bytes -= s.forget()
		e.cached++
	}
}

// read is an entry, from memory or disk.
func (e *entries) read(index uint64) (*raftpb.Entry, error) {
	s := e.slot(index)
	if s.entry != nil {
		return s.entry, nil
	}
	if e.record == nil || e.readAt != s.at {
		record, err := e.journal.Read(s.at)
		if err != nil {
			return nil, err
		}
		e.readAt, e.record = s.at, record
	}
	return &raftpb.Entry{Term: new(s.term), Index: new(index), Type: s.kind.Enum(), Data: e.record[s.from:s.to:s.to]}, nil
}

// find is the index of the entry that holds the record at offset, or of the first
// one behind it, at most limit+1.
func (e *entries) find(offset int64, limit uint64) uint64 {
	n := int(limit - e.snapIndex)
	i := sort.Search(n, func(i int) bool { return e.slots[i].end() > offset })
	return e.snapIndex + 1 + uint64(i)
}

// trim moves the snapshot to the last entry that lies whole below start, and
// forgets the entries up to there; it reports whether there were any. Only applied
// entries may be trimmed. The snapshot's state stays the one behind its last
// entry, which knows nothing of the trim: so everything that is applied on top of
// it comes out as it did the first time.
func (e *entries) trim(start protocol.Cut, applied uint64) (bool, error) {
	n := 0
	for e.snapIndex+uint64(n) < applied && e.slots[n].end() <= start.Offset {
		if err := e.advance(&e.slots[n], e.snapIndex+uint64(n)+1); err != nil {
			return false, err
		}
		n++
	}
	if n == 0 {
		return false, nil // known from a snapshot
	}
	e.drop(n)
	if e.snap.end != start {
		return false, fmt.Errorf("%w: the log cannot begin at %v within a batch", errApply, start)
	}
	return true, nil
}

// advance carries the snapshot's state over one entry.
func (e *entries) advance(s *slot, index uint64) error {
	c := command{kind: s.command, batch: s.batch}
	switch s.command {
	case 0:
		return nil
	case commandPin, commandTrim:
		en, err := e.read(index)
		if err != nil {
			return err
		}
		if c, err = decodeCommand(en.GetData()); err != nil {
			return err
		}
	}
	return e.snap.apply(&c)
}

// drop forgets the first n entries, which the snapshot stands for now.
func (e *entries) drop(n int) {
	e.snapTerm = e.slots[n-1].term
	for i := range n {
		e.bytes -= e.slots[i].forget()
	}
	e.snapIndex += uint64(n)
	e.slots = append([]slot(nil), e.slots[n:]...)
	e.cached = max(e.cached, e.snapIndex+1)
}

// install replaces everything by a snapshot.
func (e *entries) install(s *raftpb.Snapshot) error {
	r := &reader{wire.Reader{Rest: s.GetData()}}
	confIndex := r.U64()
	st, err := decodeState(r.Rest)
	if err != nil {
		return err
	}
	st.defect = e.snap.defect
	m := s.GetMetadata()
	e.snapIndex, e.snapTerm, e.snap = m.GetIndex(), m.GetTerm(), st
	e.conf, e.confIndex = raftpb.EnsureConfState(m.GetConfState()), confIndex
	e.slots, e.bytes, e.cached = nil, 0, e.snapIndex+1
	return nil
}

// InitialState is what Raft starts from.
func (e *entries) InitialState() (*raftpb.HardState, *raftpb.ConfState, error) {
	return e.hard, e.conf, nil
}

// Entries returns entries [lo, hi), at least one and at most about sizeMax bytes. Raft
// cannot do without entries that it has committed and panics, so one that the disk cannot
// read is returned without its data: the log is spoiled then, and nothing that Raft makes
// of that leaves.
func (e *entries) Entries(lo, hi, sizeMax uint64) ([]*raftpb.Entry, error) {
	if lo <= e.snapIndex {
		return nil, raft.ErrCompacted
	}
	if hi > e.last()+1 {
		return nil, raft.ErrUnavailable
	}
	list := make([]*raftpb.Entry, 0, min(hi-lo, 64))
	size := uint64(0)
	for index := lo; index < hi; index++ {
		s := e.slot(index)
		size += uint64(s.to-s.from) + entryHeaderBytes
		if size > sizeMax && len(list) > 0 {
			break
		}
		en, err := e.read(index)
		if err != nil {
			e.spoiled = err
			en = &raftpb.Entry{Term: new(s.term), Index: new(index), Type: s.kind.Enum()}
		}
		list = append(list, en)
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
		Data:     e.snap.appendTo(wire.Order.AppendUint64(nil, e.confIndex)),
		Metadata: &raftpb.SnapshotMetadata{ConfState: e.conf, Index: new(e.snapIndex), Term: new(e.snapTerm)},
	}, nil
}
