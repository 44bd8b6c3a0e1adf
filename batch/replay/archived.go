package replay

import (
	"errors"
	"io"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
)

// AddFile takes the rows of a raw zone's file in, as far as they are behind the cut, and
// returns how many. Files of one partition come in the order of their offsets.
func (r *Run) AddFile(f manifest.File, schema *manifest.Schema, content []byte) (rows int64, err error) {
	z, err := zone.Open(f, schema, r.plan.Input, content, zone.Options{Need: r.need, Appends: true, Frontiers: r.greatest()})
	if err != nil {
		return 0, err
	}
	var b column.Batch
	for {
		switch err := z.Next(&b); {
		case errors.Is(err, io.EOF):
			r.cut[f.Partition].Offset = max(r.cut[f.Partition].Offset, f.To)
			return rows, r.settle()
		case err != nil:
			return rows, err
		}
		n, err := r.addBatch(&b)
		if rows += int64(n); err != nil {
			return rows, err
		}
	}
}

// addBatch takes the rows of a batch of an archive in, stretch by stretch: rows that were
// rejected, and what could not be read, were no rows for anybody.
func (r *Run) addBatch(b *column.Batch) (rows int, err error) {
	place := func(i int) int { return i }
	if b.Select != nil {
		place = func(i int) int { return int(b.Select[i]) }
	}
	n := b.Selected()
	for i := 0; i < n; {
		from := place(i)
		to := from + 1
		for i++; i < n && place(i) == to; i++ {
			to++
		}
		from = max(from, int(min(r.cut[b.Partition].Offset-b.Offset, int64(to))))
		if from == to {
			continue
		}
		if err := r.addStretch(b, from, to); err != nil {
			return rows, err
		}
		rows += to - from
	}
	return rows, nil
}

// addStretch takes rows in that follow each other.
func (r *Run) addStretch(b *column.Batch, from, to int) error {
	part, p := &r.part, int(b.Partition)
	*part = column.Batch{
		Schema: b.Schema, Partition: b.Partition, Offset: b.Offset + int64(from), Rows: to - from,
		Columns: part.Columns[:0], Times: b.Times[from:to], Appends: b.Appends[from:to], Frontiers: r.frontiers[:0],
	}
	for i := range b.Columns {
		c := column.Column{Type: b.Columns[i].Type}
		if r.need[i] {
			c = b.Columns[i].Slice(from, to)
		}
		part.Columns = append(part.Columns, c)
	}
	if f := b.Frontiers[from]; f > r.path.Entry().Frontier(p) && r.opts.Defect != DefectSilent {
		r.path.Idle(p, f)
		if err := r.drain(); err != nil {
			return err
		}
	}
	err := r.path.Process(part)
	r.frontiers = part.Frontiers
	if err != nil {
		return err
	}
	r.refused[p] += int64(len(r.path.Refusals()))
	r.cut[p] = protocol.Cut{Offset: part.Offset + int64(part.Rows), Frontier: r.path.Entry().Frontier(p)}
	return r.drain()
}

// Stand ends what came from an archive: all below the cut has been taken in, and idle
// records in front of it may have raised frontiers.
func (r *Run) Stand(cut []protocol.Cut) error {
	for p, c := range cut {
		if r.greatest() || c.Frontier == endOfInput {
			r.path.Idle(p, c.Frontier)
		}
		r.cut[p] = protocol.Cut{Offset: c.Offset, Frontier: r.path.Entry().Frontier(p)}
	}
	return r.settle()
}

// Behind is which of two partitions is to be read first: the one whose frontier is less,
// so that windows do not stay open for it.
func (r *Run) Behind(a, b int32) bool {
	f, g := r.path.Entry().Frontier(int(a)), r.path.Entry().Frontier(int(b))
	return f < g || f == g && a < b
}
