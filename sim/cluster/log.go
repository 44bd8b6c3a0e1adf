package cluster

import (
	"math"
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/flow/segment"
)

// logModel is the log as it has been committed: what the first broker to apply it
// has shown. Nothing is ever taken back.
type logModel struct {
	feed    Feed
	refused map[batchName]bool // batches that the job must refuse
	parts   []committed
	brokers map[engine.NodeID]*seen
	acked   []uint32 // batches of the producer, by partition
	term    []uint64 // the highest in which a leader was ready, by partition
	idles   uint64   // records of the brokers' own
	ends    []int64  // scratch
	reader  *segment.Reader
}

type committed struct {
	batches  []protocol.Batch
	cuts     []protocol.Cut  // behind each batch
	rows     []*column.Batch // of each batch, nil of idle ones and of those that the job must refuse
	sequence uint32          // of the producer's next batch
	promised int64           // offset behind the last acknowledged record
	start    int64           // the greatest that any broker has shown
	idle     int64           // offset of the first record of the brokers' own
}

// end is the cut behind the last batch.
func (p *committed) end() protocol.Cut {
	if len(p.cuts) == 0 {
		return protocol.LogStart()
	}
	return p.cuts[len(p.cuts)-1]
}

func newLogModel(job Job, refused map[batchName]bool) *logModel {
	n := len(job.Feed)
	l := &logModel{
		feed: job.Feed, refused: refused, parts: make([]committed, n), brokers: map[engine.NodeID]*seen{},
		acked: make([]uint32, n), term: make([]uint64, n),
	}
	for p := range l.parts {
		l.parts[p].idle = math.MaxInt64
	}
	return l
}

// behind is the batch that ends at an offset, or -1.
func (p *committed) behind(offset int64) int {
	lo, hi := 0, len(p.cuts)
	for lo < hi {
		if mid := (lo + hi) / 2; p.cuts[mid].Offset < offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(p.cuts) || p.cuts[lo].Offset != offset {
		return -1
	}
	return lo
}

// holding is the batch with an offset, or -1.
func (p *committed) holding(offset int64) int {
	lo, hi := 0, len(p.batches)
	for lo < hi {
		if mid := (lo + hi) / 2; p.batches[mid].End() <= offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(p.batches) || offset < 0 {
		return -1
	}
	return lo
}

// decode reads the rows of a batch, which may be kept.
func (l *logModel) decode(part int32, b *protocol.Batch) (*column.Batch, error) {
	h, entry, err := segment.ParseHeader(b.Payload)
	if err != nil {
		return nil, err
	}
	if l.reader == nil || !l.reader.Reopen(h) {
		if l.reader, err = segment.NewReader(h); err != nil {
			return nil, err
		}
	}
	rows := &column.Batch{}
	if err := l.reader.Decode(entry, rows); err != nil {
		return nil, err
	}
	for i := range rows.Columns {
		c := &rows.Columns[i] // what the reader does not read in place it overwrites
		c.Null, c.Bools, c.Decimals = slices.Clone(c.Null), slices.Clone(c.Bools), slices.Clone(c.Decimals)
	}
	rows.Partition, rows.Offset = part, b.Base
	return rows, nil
}
