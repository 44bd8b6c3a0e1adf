package commitlog

import (
	"fmt"

	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine/journal"
)

// history is what a journal tells of a replica, while it is being read: entries
// may come before the snapshot that says where they begin.
type history struct {
	hard   *raftpb.HardState
	snap   *raftpb.Snapshot
	first  uint64 // index of the first slot
	slots  []slot // of consecutive indexes
	cached int    // from which slot on data is kept
	bytes  int    // of it
	keep   int    // of it at most
}

func (h *history) add(rec journal.Record) error {
	r, err := decodeRecord(rec.Data, rec.At)
	if err != nil {
		return err
	}
	if r.hard != nil {
		h.hard = r.hard
	}
	switch r.kind {
	case recordInstalled:
		h.cut(0)
		h.snap = r.snap
	case recordTrimmed:
		h.snap = r.snap
	}
	for i := range r.slots {
		if err := h.put(&r.slots[i]); err != nil {
			return err
		}
	}
	return nil
}

// put adds an entry and takes away those that it replaces.
func (h *history) put(s *slot) error {
	index := s.entry.GetIndex()
	if len(h.slots) > 0 {
		if behind := h.first + uint64(len(h.slots)); index > behind {
			return fmt.Errorf("%w: entry %d in a log that ends at %d", errApply, index, behind-1)
		}
		h.cut(int(max(index, h.first) - h.first))
	}
	if len(h.slots) == 0 {
		h.first = index
	}
	h.slots = append(h.slots, *s)
	for h.bytes += s.size(); h.bytes > h.keep && h.cached < len(h.slots); h.cached++ {
		h.bytes -= h.slots[h.cached].forget()
	}
	return nil
}

// cut forgets the slots from number n on.
func (h *history) cut(n int) {
	for i := n; i < len(h.slots); i++ {
		h.bytes -= h.slots[i].forget()
	}
	h.slots, h.cached = h.slots[:n], min(h.cached, n)
}

// truncate forgets what is not known to be committed: the mistake of DefectTruncate.
func (h *history) truncate() {
	for n := range h.slots {
		if h.first+uint64(n) > h.hard.GetCommit() {
			h.cut(n)
			return
		}
	}
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
	for i := range h.slots {
		index := h.first + uint64(i)
		if index <= e.snapIndex {
			continue
		}
		if index != e.last()+1 {
			return fmt.Errorf("%w: entry %d behind %d", errApply, index, e.last())
		}
		e.append(&h.slots[i])
	}
	return nil
}
