package kappa

import (
	"math"

	"parallax/engine"
	"parallax/engine/journal"
)

// ownDisk keeps checkpoints in a journal on the worker's disk.
type ownDisk struct {
	journal *journal.Journal
	base    journal.Position // the first record of the last base
	fresh   bool             // the journal still has what is before it
}

// segmentBytesMax bounds the segments of the worker's journal. They are shorter
// where checkpoints are frequent, so that old ones can be removed.
const segmentBytesMax = 16 << 20

// restore recovers the last checkpoint that is on the disk, if there is one.
func (w *Worker) restore() error {
	var r recovery
	o := journal.Options{SegmentBytesMax: min(w.opts.Checkpoint.Bytes, segmentBytesMax), Hooks: w.env.Hooks}
	j, err := journal.Open(w.env.Disk, w.env.Boot, "worker", o, func(rec journal.Record) error { return r.record(rec.Data) })
	if err != nil {
		return err
	}
	w.saving.keeper = &ownDisk{journal: j}
	return w.adopt(&r)
}

// keep appends the records; the last one tells the worker when it is durable.
func (d *ownDisk) keep(w *Worker, base bool, records [][]byte, fx *engine.Effects) {
	for i, record := range records {
		var then []engine.Envelope
		if i == len(records)-1 {
			then = []engine.Envelope{{To: w.env.ID, Msg: stored{checkpoint: w.saving.number}}}
		}
		if at := d.journal.Append(fx, record, then...); base && i == 0 {
			d.base, d.fresh = at, true
		}
	}
}

// settled gives up what is before a base that is durable.
func (d *ownDisk) settled(fx *engine.Effects) {
	if d.fresh {
		d.fresh = false
		d.journal.Release(fx, d.base)
	}
}

// deltasMax is none: they are read one after another, whatever their number.
func (d *ownDisk) deltasMax() int { return math.MaxInt }
