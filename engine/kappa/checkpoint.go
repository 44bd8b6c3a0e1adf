package kappa

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
	"parallax/engine/wire"
)

// checkpoint is the worker's business of saving its state: prepared when a span is
// sent, written when the view has taken the span, pinned when it is durable. So it
// never lies above the view's cut, and the log never begins above it.
type checkpoint struct {
	bytes  int64          // of the log since the last one was prepared
	number uint64         // of the last one that was written
	last   []protocol.Cut // of the last one that is durable
	ready  []byte         // prepared, to be written
	cuts   []protocol.Cut // its
	wrote  []protocol.Cut // on its way to the disk
}

// cut is the place of a partition from which a restart would read.
func (c *checkpoint) cut(part int32) protocol.Cut {
	if c.last == nil {
		return protocol.LogStart()
	}
	return c.last[part]
}

// The record of a checkpoint, a base of the journal:
//
//	partitions 4, each: offset 8, frontier 8 | ended 1 | state of the row path
func (c *checkpoint) prepare(w *Worker) {
	if c.bytes < w.opts.CheckpointBytes || c.wrote != nil {
		return
	}
	c.bytes = 0
	b := wire.Order.AppendUint32(nil, uint32(len(w.reached)))
	for _, cut := range w.reached {
		b = wire.Order.AppendUint64(b, uint64(cut.Offset))
		b = wire.Order.AppendUint64(b, uint64(cut.Frontier))
	}
	c.ready = w.path.AppendTo(wire.AppendBool(b, w.ended))
	c.cuts = append([]protocol.Cut(nil), w.reached...)
}

// commit writes the prepared checkpoint: the view has reached its cut.
func (c *checkpoint) commit(w *Worker, fx *engine.Effects) {
	if c.ready == nil {
		return
	}
	c.number++
	c.wrote = c.cuts
	w.journal.Base(fx, c.ready, engine.Envelope{To: w.env.ID, Msg: stored{checkpoint: c.number}})
	c.ready, c.cuts = nil, nil
}

// stored moves the pins: the checkpoint is durable.
func (w *Worker) stored(m stored, fx *engine.Effects) {
	if m.checkpoint != w.saving.number || w.saving.wrote == nil {
		return
	}
	w.saving.last, w.saving.wrote = w.saving.wrote, nil
	for part, in := range w.inputs {
		id := protocol.PartitionID{Topic: w.opts.Topic, Number: int32(part)}
		// Without a request: if this is lost, the log keeps more than it must.
		fx.SendEager(w.opts.Brokers[in.to], protocol.Pin{Partition: id, Holder: Holder, Cut: w.saving.cut(int32(part))})
	}
}

// errCheckpoint is returned for a record that is no checkpoint of this job.
var errCheckpoint = errors.New("not a checkpoint of this job")

// restore recovers the last checkpoint, if there is one.
func (w *Worker) restore() error {
	var last []byte
	j, err := journal.Open(w.env.Disk, w.env.Boot, "worker", journal.Options{}, func(r journal.Record) error {
		last = r.Data
		return nil
	})
	if err != nil {
		return err
	}
	w.journal = j
	if last == nil || w.opts.Defect == DefectLoseState {
		return nil
	}
	r := &wire.Reader{Rest: last}
	if n := r.Count(16); n != len(w.reached) {
		return fmt.Errorf("%w: %d partitions", errCheckpoint, n)
	}
	for i := range w.reached {
		w.reached[i] = protocol.Cut{Offset: r.I64(), Frontier: r.I64()}
	}
	w.ended = r.Bool()
	rest, err := w.path.Load(r.Rest)
	if err != nil || len(rest) != 0 {
		return fmt.Errorf("%w: %d bytes left, %v", errCheckpoint, len(rest), err)
	}
	w.saving.last = append([]protocol.Cut(nil), w.reached...)
	w.restored = true
	return nil
}
