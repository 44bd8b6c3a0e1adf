package commitlog

import (
	"fmt"

	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine/journal"
)

// history is what a journal tells of a replica, while it is being read: entries
// may come before the snapshot that says where they begin.
type history struct {
	hard    *raftpb.HardState
	snap    *raftpb.Snapshot
	entries []found // consecutive indexes
}

// found is an entry and its place.
type found struct {
	entry *raftpb.Entry
	at    journal.Position
	from  int
}

func (h *history) add(rec journal.Record) error {
	r, err := decodeRecord(rec.Data)
	if err != nil {
		return err
	}
	if r.hard != nil {
		h.hard = r.hard
	}
	switch r.kind {
	case recordInstalled:
		h.entries = nil
		h.snap = r.snap
	case recordTrimmed:
		h.snap = r.snap
	}
	for i, en := range r.list {
		if err := h.put(found{en, rec.At, r.from[i]}); err != nil {
			return err
		}
	}
	return nil
}

// put adds an entry and takes away those that it replaces.
func (h *history) put(f found) error {
	if len(h.entries) > 0 {
		first := h.entries[0].entry.GetIndex()
		index := f.entry.GetIndex()
		if index > first+uint64(len(h.entries)) {
			return fmt.Errorf("%w: entry %d in a log that ends at %d", errApply, index, first+uint64(len(h.entries))-1)
		}
		h.entries = h.entries[:max(index, first)-first]
	}
	h.entries = append(h.entries, f)
	return nil
}

// build makes the log that the history amounts to.
func (h *history) build(e *entries) error {
	if h.hard != nil {
		e.hard = h.hard
	}
	if h.snap != nil {
		if err := e.install(h.snap); err != nil {
			return err
		}
	}
	for _, f := range h.entries {
		if f.entry.GetIndex() <= e.snapIndex {
			continue
		}
		if err := e.put(f.entry, f.at, f.from); err != nil {
			return err
		}
	}
	e.durable = e.last()
	e.evict()
	return nil
}
