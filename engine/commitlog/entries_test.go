package commitlog

import (
	"bytes"
	"cmp"
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"pgregory.net/rapid"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/sim"
)

// storage is a replica without Raft on a disk of its own.
type storage struct {
	*replica
	disk     *sim.Disk
	boot     uint32
	segments int64 // their size in bytes; 0 means 300
	fx       engine.Effects
}

// testCache is how much data a log keeps in memory here.
const testCache = 1 << 20

// open begins an incarnation.
func (s *storage) open(t rapid.TB) {
	s.boot++
	env := engine.Env{ID: 1, Boot: s.boot, Disk: s.disk}
	b := &Broker{env: env, opts: Options{SegmentBytes: cmp.Or(s.segments, 300), CacheBytes: testCache}}
	s.replica = &replica{broker: b, id: testID(0), log: newEntries([]uint64{replicaID(1, 0)}, nil, testCache, DefectNone)}
	if err := s.recover(0); err != nil {
		t.Fatal(err)
	}
	s.state, s.applied = s.log.snap.clone(), s.log.snapIndex
}

func (s *storage) sync(t rapid.TB) {
	if err := s.disk.Issue(&s.fx); err != nil {
		t.Fatal(err)
	}
	s.disk.Sync()
	s.fx.Reset()
}

// flat is the plain copy of a Raft log: all entries ever, the terms of those that
// were overwritten forgotten.
type flat struct {
	entries []*raftpb.Entry // by index - 1
	first   uint64          // index of the first that is left
	applied uint64
}

func (f *flat) tail() (end, appended int64) {
	for _, en := range f.entries {
		if c, err := decodeCommand(en.GetData()); err == nil && c.kind == commandBatch {
			end, appended = c.batch.End(), c.batch.Append
		}
	}
	return end, appended
}

// TestDifferentialEntries: appends, conflicts, commits, trims and restarts leave
// the same entries as a plain slice, in memory and on disk.
func TestDifferentialEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &storage{disk: sim.NewDisk()}
		s.open(t)
		f := &flat{first: 1}
		term := uint64(1)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0: // a conflict: entries that are not applied go
				if n := uint64(len(f.entries)); n > f.applied {
					keep := rapid.Uint64Range(f.applied, n-1).Draw(t, "keep")
					f.entries = f.entries[:keep]
					term++
				}
				s.extend(t, f, term, true)
			case 1, 2:
				s.extend(t, f, term, false)
			case 3:
				f.applied = rapid.Uint64Range(f.applied, uint64(len(f.entries))).Draw(t, "apply")
				s.applyUpTo(t, f.applied)
			case 4:
				s.trimSome(t, f)
			case 5:
				s.sync(t)
				s.open(t)
				s.applyUpTo(t, f.applied)
			}
			s.compare(t, f)
		}
	})
}

// extend writes a few entries behind the plain log's end.
func (s *storage) extend(t *rapid.T, f *flat, term uint64, atLeastOne bool) {
	least := 0
	if atLeastOne {
		least = 1
	}
	var list []*raftpb.Entry
	for range rapid.IntRange(least, 4).Draw(t, "entries") {
		end, appended := f.tail()
		var data []byte
		if rapid.IntRange(0, 5).Draw(t, "empty") > 0 {
			b := protocol.Batch{Base: end, Count: 2, Append: appended + 1, Payload: make([]byte, rapid.IntRange(0, 90).Draw(t, "payload"))}
			data = b.AppendTo([]byte{commandBatch})
		}
		en := &raftpb.Entry{Index: new(uint64(len(f.entries)) + 1), Term: new(term), Type: raftpb.EntryNormal.Enum(), Data: data}
		f.entries = append(f.entries, en)
		list = append(list, en)
	}
	if len(list) == 0 {
		return
	}
	var hard *raftpb.HardState
	if rapid.Bool().Draw(t, "hard") {
		hard = &raftpb.HardState{Term: new(term), Vote: new(uint64(1)), Commit: new(f.applied)}
		s.log.hard = hard
	}
	s.write(hard, list, nil, &s.fx)
	if s.fatal != nil {
		t.Fatal(s.fatal)
	}
	if rapid.Bool().Draw(t, "sync") {
		s.sync(t)
	}
}

func (s *storage) applyUpTo(t *rapid.T, index uint64) {
	for s.applied < index {
		en, err := s.log.read(s.applied + 1)
		if err == nil {
			err = s.applyEntry(en, &s.fx)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *storage) trimSome(t *rapid.T, f *flat) {
	if s.applied == s.log.snapIndex {
		return
	}
	cut := s.log.slot(rapid.Uint64Range(s.log.snapIndex+1, s.applied).Draw(t, "trim")).after()
	trimmed, err := s.log.trim(cut, s.applied)
	if err != nil {
		t.Fatal(err)
	}
	if trimmed {
		s.writeSnapshot(recordTrimmed, nil, &s.fx)
		f.first = s.log.snapIndex + 1
	}
}

// compare reads everything back, with every entry forgotten that is durable.
func (s *storage) compare(t rapid.TB, f *flat) {
	if s.log.last() != uint64(len(f.entries)) || s.log.snapIndex+1 != f.first {
		t.Fatalf("entries %d to %d, want %d to %d", s.log.snapIndex+1, s.log.last(), f.first, len(f.entries))
	}
	for index := f.first; index <= s.log.last(); index++ {
		slot := s.log.slot(index)
		if s.log.journal.Durable(slot.at) {
			s.log.bytes -= slot.forget()
		}
		got, err := s.log.read(index)
		if err != nil {
			t.Fatal(err)
		}
		want := f.entries[index-1]
		if got.GetTerm() != want.GetTerm() || got.GetIndex() != index || !bytes.Equal(got.GetData(), want.GetData()) {
			t.Fatalf("entry %d is %v, want %v", index, got, want)
		}
	}
	if end, appended := f.tail(); end > 0 {
		if cut, a := s.log.tail(); cut.Offset != end || a != appended {
			t.Fatalf("the tail is %v, %d, want %d, %d", cut, a, end, appended)
		}
	}
}

// Data beyond the cache's size leaves memory when it is durable, in a running log
// and in one that is recovered, and reads back.
func TestCacheIsBounded(t *testing.T) {
	s := &storage{disk: sim.NewDisk()}
	s.open(t)
	f := &flat{}
	payload := make([]byte, testCache/8)
	for i := range 20 {
		payload[0] = byte(i)
		b := protocol.Batch{Base: int64(i), Count: 1, Payload: payload}
		f.entries = append(f.entries, &raftpb.Entry{Index: new(uint64(i) + 1), Term: new(uint64(1)), Type: raftpb.EntryNormal.Enum(), Data: b.AppendTo([]byte{commandBatch})})
		s.write(nil, f.entries[i:], nil, &s.fx)
	}
	f.first = 1
	if s.log.bytes < 20*len(payload) {
		t.Fatal("data that is not durable was dropped")
	}
	s.sync(t)
	s.log.evict()
	for range 2 {
		if s.log.bytes > testCache+2*len(payload) || s.log.slot(1).entry != nil || s.log.slot(20).entry == nil {
			t.Fatalf("%d bytes in memory", s.log.bytes)
		}
		s.compare(t, f)
		s.open(t)
	}
}
