package cluster

import (
	"math"

	"parallax/engine"
	"parallax/engine/flow/column"
	"parallax/engine/flow/segment"
	"parallax/engine/kappa"
)

// Feed is a source in memory, by partition and sequence.
type Feed [][]kappa.FeedBatch

// Batch is one batch of the feed.
func (f Feed) Batch(partition int32, sequence uint32) (kappa.FeedBatch, bool) {
	if part := f[partition]; int(sequence) < len(part) {
		return part[sequence], true
	}
	return kappa.FeedBatch{}, false
}

// Rows is the number of rows in the feed.
func (f Feed) Rows() int {
	n := 0
	for _, part := range f {
		for _, b := range part {
			if !b.Idle {
				n += int(b.Count)
			}
		}
	}
	return n
}

// records is the number of a partition's records.
func (f Feed) records(part int) int64 {
	n := int64(0)
	for i := range f[part] {
		n += int64(f[part][i].Count)
	}
	return n
}

// Add encodes rows as the next batch of a partition, due at an instant.
func (f Feed) Add(partition int32, due engine.Instant, rows *column.Batch) error {
	id := uint64(partition)<<32 | uint64(len(f[partition]))
	h := segment.Header{ID: id, Partition: partition, Schema: rows.Schema}
	w, err := segment.NewWriter(h)
	if err != nil {
		return err
	}
	payload, err := w.Append(h.AppendTo(nil), rows)
	if err != nil {
		return err
	}
	most := int64(math.MinInt64)
	for _, t := range rows.Times {
		most = max(most, t)
	}
	f[partition] = append(f[partition], kappa.FeedBatch{
		Due: due, Count: int32(rows.Rows), TimeMax: most, Payload: payload,
	})
	return nil
}

// last is when the last batch is due.
func (f Feed) last() (due engine.Instant) {
	for _, part := range f {
		for i := range part {
			due = max(due, part[i].Due)
		}
	}
	return due
}

// End says in every partition, at an instant, that nothing more will come.
func (f Feed) End(due engine.Instant) {
	for p := range f {
		f[p] = append(f[p], kappa.FeedBatch{Due: due, Count: 1, TimeMax: math.MaxInt64, Idle: true})
	}
}
