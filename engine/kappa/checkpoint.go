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
//
// A checkpoint is a base, which is the whole state, or a delta from the one before.
// A base comes when the deltas have outgrown the state, so recovery reads at most
// about twice the state. Each costs one encoding of the state and one walk over it
// (see the benchmark for figures); the last image stays in memory.
type checkpoint struct {
	bytes  int64          // of the log since the last one was prepared
	number uint64         // of the last one that was written
	last   []protocol.Cut // of the last one that is durable
	ready  []byte         // prepared, to be written
	cuts   []protocol.Cut // its
	wrote  []protocol.Cut // on its way to the disk

	image  *image           // last written
	deltas int              // bytes of deltas since the last base
	base   journal.Position // its first record
	fresh  bool             // the journal still has what is before it

	count Checkpoints
}

// Checkpoints counts what an incarnation has written.
type Checkpoints struct {
	Bases, Deltas         int
	BaseBytes, DeltaBytes int64
}

// cut is the place of a partition from which a restart would read.
func (c *checkpoint) cut(part int32) protocol.Cut {
	if c.last == nil {
		return protocol.LogStart()
	}
	return c.last[part]
}

// prepare makes an image of the state:
//
//	partitions 4, each: offset 8, frontier 8, refused 8 | ended 1 | state of the row path
func (c *checkpoint) prepare(w *Worker) {
	if c.wrote != nil || c.bytes < w.opts.CheckpointBytes && !w.env.Buggify("kappa.checkpoint") {
		return
	}
	c.bytes = 0
	b := wire.Order.AppendUint32(nil, uint32(len(w.reached)))
	for part, cut := range w.reached {
		b = wire.Order.AppendUint64(b, uint64(cut.Offset))
		b = wire.Order.AppendUint64(b, uint64(cut.Frontier))
		b = wire.Order.AppendUint64(b, uint64(w.refused[part]))
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
	if c.image == nil {
		c.image = &image{}
	}
	known := len(c.image.data)
	img, delta := c.image.next(nil, c.ready)
	c.image = img
	if c.deltas += len(delta); known > 0 && c.deltas <= len(c.ready) {
		w.env.Sometimes("kappa.delta")
		c.count.Deltas++
		c.count.DeltaBytes += int64(len(delta))
		c.write(w, 0, delta, fx)
	} else {
		c.deltas, c.fresh = 0, true
		c.count.Bases++
		c.count.BaseBytes += int64(len(c.ready))
		c.base = c.write(w, flagBase, c.ready, fx)
	}
	c.ready, c.cuts = nil, nil
}

// The records of a worker's journal are the pieces of bases and deltas:
//
//	flags 1: 1 = of a base, 2 = the first piece, 4 = the last piece | piece
const (
	flagBase byte = 1 << iota
	flagFirst
	flagLast
)

// recordBytes is how long a piece is at most.
const recordBytes = 4 << 20

// write writes a base or delta and returns the place of its first record.
func (c *checkpoint) write(w *Worker, flags byte, data []byte, fx *engine.Effects) (first journal.Position) {
	flags |= flagFirst
	for {
		n := min(len(data), recordBytes)
		var then []engine.Envelope
		if n == len(data) {
			flags |= flagLast
			then = []engine.Envelope{{To: w.env.ID, Msg: stored{checkpoint: c.number}}}
		}
		at := w.journal.Append(fx, append([]byte{flags}, data[:n]...), then...)
		if flags&flagFirst != 0 {
			first = at
		}
		if data, flags = data[n:], flags&^flagFirst; flags&flagLast != 0 {
			return first
		}
	}
}

// stored moves the pins: the checkpoint is durable. What a durable base makes
// superfluous goes.
func (w *Worker) stored(m stored, fx *engine.Effects) {
	c := &w.saving
	if m.checkpoint != c.number || c.wrote == nil {
		return
	}
	c.last, c.wrote = c.wrote, nil
	if c.fresh {
		c.fresh = false
		w.journal.Release(fx, c.base)
	}
	for part, in := range w.inputs {
		id := protocol.PartitionID{Topic: w.opts.Topic, Number: int32(part)}
		// Without a request: if this is lost, the log keeps more than it must.
		fx.SendEager(w.opts.Brokers[in.to], protocol.Pin{Partition: id, Holder: Holder, Cut: c.cut(int32(part))})
	}
}

// errCheckpoint is returned for a record that is no checkpoint of this job.
var errCheckpoint = errors.New("not a checkpoint of this job")

// recovery puts bases and deltas together. A base or delta that breaks off was
// being written when the worker crashed; the one before it counts.
type recovery struct {
	image   []byte
	count   int // what it is made of: a base and deltas
	deltas  int // bytes
	pieces  []byte
	open    bool
	orphans bool // there was something that belongs to a base that is gone
}

func (r *recovery) record(rec journal.Record) error {
	if len(rec.Data) == 0 || rec.Data[0] > flagBase|flagFirst|flagLast {
		return fmt.Errorf("%w: record of %d bytes", errCheckpoint, len(rec.Data))
	}
	flags := rec.Data[0]
	if flags&flagFirst != 0 {
		r.pieces, r.open = nil, true
	}
	if !r.open {
		return r.orphan()
	}
	r.pieces = append(r.pieces, rec.Data[1:]...)
	if flags&flagLast == 0 {
		return nil
	}
	whole := r.pieces
	r.pieces, r.open = nil, false
	if flags&flagBase != 0 {
		r.image, r.count, r.deltas = whole, 1, 0
		return nil
	}
	if r.image == nil {
		return r.orphan()
	}
	var err error
	r.image, err = applyDelta(r.image, whole)
	r.count++
	r.deltas += len(whole)
	return err
}

// orphan passes over what stands in front of the first base: the journal lets go
// of whole segments, so the rest of what was before a base may still be there.
func (r *recovery) orphan() error {
	if r.image != nil {
		return fmt.Errorf("%w: a piece without the first", errCheckpoint)
	}
	r.orphans = true
	return nil
}

// segmentBytesMax bounds the segments of the worker's journal. They are shorter
// where checkpoints are frequent, so that old ones can be removed.
const segmentBytesMax = 16 << 20

// restore recovers the last checkpoint, if there is one.
func (w *Worker) restore() error {
	var r recovery
	o := journal.Options{SegmentBytesMax: min(w.opts.CheckpointBytes, segmentBytesMax), Hooks: w.env.Hooks}
	j, err := journal.Open(w.env.Disk, w.env.Boot, "worker", o, r.record)
	if err != nil {
		return err
	}
	w.journal = j
	if r.image == nil && r.orphans {
		return fmt.Errorf("%w: there is no base", errCheckpoint)
	}
	if r.image == nil || w.opts.Defect == DefectLoseState {
		return nil
	}
	if err := w.load(r.image); err != nil {
		return err
	}
	img, _ := (&image{}).next(nil, r.image)
	w.saving.image, w.saving.deltas = img, r.deltas
	w.saving.last = append([]protocol.Cut(nil), w.reached...)
	w.restored = r.count
	return nil
}

// load makes a new worker the one of an image.
func (w *Worker) load(image []byte) error {
	r := &wire.Reader{Rest: image}
	if n := r.Count(24); n != len(w.reached) {
		return fmt.Errorf("%w: %d partitions", errCheckpoint, n)
	}
	for i := range w.reached {
		w.reached[i] = protocol.Cut{Offset: r.I64(), Frontier: r.I64()}
		if n := r.I64(); w.opts.Defect != defectUncounted {
			w.refused[i] = n
		}
	}
	w.ended = r.Bool()
	rest, err := w.path.Load(r.Rest)
	if err != nil || len(rest) != 0 {
		return fmt.Errorf("%w: %d bytes left, %v", errCheckpoint, len(rest), err)
	}
	return nil
}
