package archive

import (
	"fmt"
	"slices"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// part is one partition: what was read of it and is not committed yet.
type part struct {
	number   int32
	frontier int64
	before   int64        // the frontier at the last marker
	next     uint64       // the marker that is due
	closed   []generation // those that wait for other partitions
	open     generation
}

// generation is the rows of a partition between two markers.
type generation struct {
	batch uint64       // its marker's number + 1
	cut   protocol.Cut // at its marker
	whole bool         // its files are made
	zones []pieces     // by target
}

// pieces is what a zone has of a generation: files, which adjoin, and rows behind them.
type pieces struct {
	begin int64 // offset of what is not in files yet
	rows  *zone.Rows
	files []manifest.File
}

// aheadMax is how many generations of a partition wait for other partitions before no
// more is read of it.
const aheadMax = 2

// uploadsMax is how many files wait to be written before nothing more is read.
const uploadsMax = 8

func (a *Archiver) newPart(number int32, cut protocol.Cut) *part {
	return &part{
		number: number, frontier: cut.Frontier, before: cut.Frontier, next: a.marker,
		open: a.newGeneration(a.marker+1, cut.Offset),
	}
}

func (a *Archiver) newGeneration(batch uint64, begin int64) generation {
	g := generation{batch: batch}
	for _, t := range a.targets {
		g.zones = append(g.zones, pieces{begin: begin, rows: zone.NewRows(t.schema)})
	}
	return g
}

func (a *Archiver) pinned(m protocol.Pinned, fx *engine.Effects) error {
	if a.tail == nil {
		return nil
	}
	return a.tail.Pinned(a.now, m, fx)
}

// fetched takes batches of a partition in.
func (a *Archiver) fetched(m protocol.Fetched, fx *engine.Effects) error {
	if a.tail == nil {
		return nil
	}
	batches, err := a.tail.Fetched(a.now, m, fx)
	if err != nil {
		return err
	}
	for i := range batches {
		if err := a.take(a.parts[m.Partition.Number], &batches[i], fx); err != nil {
			return err
		}
	}
	if err := a.close(fx); err != nil {
		return err
	}
	a.pace(m.Partition.Number, fx)
	return nil
}

// pace asks for more of a partition, or holds it back.
func (a *Archiver) pace(number int32, fx *engine.Effects) {
	a.tail.Hold(number, len(a.parts[number].closed) >= aheadMax || len(a.uploads) >= uploadsMax)
	a.tail.More(a.now, number, fx)
}

// rowWork is the virtual CPU time of one row, in ns.
const rowWork = 100

// take adds one batch of a partition.
func (a *Archiver) take(p *part, b *protocol.Batch, fx *engine.Effects) error {
	switch {
	case b.Idle && b.Producer == a.opts.Markers:
		a.mark(p, b)
		return nil
	case b.Idle:
		p.frontier = max(p.frontier, b.TimeMax)
		return nil
	}
	if p.open.zones[0].rows.Len() >= a.opts.FileRows {
		if err := a.cutFiles(p, &p.open, b.Base, fx); err != nil {
			return err
		}
	}
	rows, err := a.decode.Batch(p.number, b)
	if err == nil && !slices.Equal(rows.Schema, a.opts.Schema) {
		err = fmt.Errorf("partition %d offset %d has the columns %q, the job %q", p.number, b.Base, rows.Schema.Names(), a.opts.Schema.Names())
	}
	if err != nil {
		a.keep(p, b, err)
		return nil
	}
	refused := a.stamp(p, rows)
	for i, t := range a.targets {
		z := &p.open.zones[i]
		switch {
		case !t.refined:
			z.rows.Append(rows, refused, tooFar)
		case len(refused) > 0:
			z.rows.AppendOnly(t.refine(rows), others(rows.Rows, refused))
		default:
			z.rows.Append(t.refine(rows), nil, "")
		}
	}
	fx.Work += int64(rows.Rows) * rowWork
	return nil
}

// keep puts a batch that cannot be read, or is of other columns, into the raw zone as it
// is. It moves no frontier, as it does not for a worker, who refuses it whole.
func (a *Archiver) keep(p *part, b *protocol.Batch, why error) {
	a.env.Sometimes("archive.batch-kept")
	for i, t := range a.targets {
		if !t.refined {
			reason := fmt.Sprintf("%d records that cannot be read: %v", b.Count, why)
			p.open.zones[i].rows.AppendRaw(b.Base, b.Append, reason, string(b.Payload))
		}
	}
}

// tooFar is why rows are rejected.
const tooFar = "its event time is more than ahead_max behind its append time in the future"

// stamp sets the frontiers of a batch's rows, and lists those that are rejected.
func (a *Archiver) stamp(p *part, b *column.Batch) (refused []int32) {
	b.Frontiers = slices.Grow(b.Frontiers[:0], b.Rows)[:b.Rows]
	spec := a.opts.Watermark
	if a.opts.Defect == DefectNoRejects {
		spec = watermark.Spec{}
	}
	p.frontier, refused = spec.Stamp(p.frontier, b.Times, b.Appends, b.Frontiers, nil)
	return refused
}

// others is the places that are not among those refused.
func others(rows int, refused []int32) []int32 {
	list := make([]int32, 0, rows-len(refused))
	for row := range int32(rows) {
		if len(refused) > 0 && refused[0] == row {
			refused = refused[1:]
			continue
		}
		list = append(list, row)
	}
	return list
}

// mark takes a marker in. Those that are committed are passed over: the first record
// behind a cut is its marker.
func (a *Archiver) mark(p *part, b *protocol.Batch) {
	cut := protocol.Cut{Offset: b.Base, Frontier: p.frontier}
	if a.opts.Defect == DefectStaleMarker {
		cut.Frontier = p.before
	}
	p.frontier = max(p.frontier, b.TimeMax)
	if uint64(b.Sequence) != p.next {
		return
	}
	p.next++
	p.before, p.open.cut = p.frontier, cut
	p.closed = append(p.closed, p.open)
	p.open = a.newGeneration(p.next+1, cut.Offset)
}
