package kappa

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// checkpoint is the worker's business of saving its state: prepared when a span is
// sent, written when the view has taken the span, pinned when it is durable. So it
// never lies above the view's cut, and the log never begins above it.
//
// A checkpoint is a base, which is the whole state, or a delta from the one before.
// A base comes when the deltas have outgrown the state, so recovery reads at most
// about twice the state. Each costs one encoding of the state and one walk over it
// (see the benchmark for figures); the last image stays in memory. Where they are kept,
// the worker's own disk or an object store, is a keeper's business.
type checkpoint struct {
	keeper keeper

	bytes  int64          // of the log since the last one was prepared
	number uint64         // of the last one that was written
	last   []protocol.Cut // of the last one that is durable
	ready  []byte         // prepared, to be written
	cuts   []protocol.Cut // its
	wrote  []protocol.Cut // on its way to the keeper

	image  *image // last written
	deltas int    // bytes of deltas since the last base
	since  int    // deltas since then

	count Checkpoints
}

// keeper keeps the records of checkpoints. When those of one are safe, it has the worker
// told: see Worker.stored.
type keeper interface {
	// keep writes the records of a base, or of a delta behind what there is.
	keep(w *Worker, base bool, records [][]byte, fx *engine.Effects)
	// settled lets go of what the last base makes superfluous: the checkpoint is safe.
	settled(fx *engine.Effects)
	// deltasMax is behind how many deltas a base must come.
	deltasMax() int
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
	if c.wrote != nil || c.bytes < w.opts.Checkpoint.Bytes && !w.env.Buggify("kappa.checkpoint") {
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
	if c.deltas += len(delta); known > 0 && c.deltas <= len(c.ready) && c.since < c.keeper.deltasMax() {
		w.env.Sometimes("kappa.delta")
		c.since++
		c.count.Deltas++
		c.count.DeltaBytes += int64(len(delta))
		c.write(w, 0, delta, fx)
	} else {
		c.deltas, c.since = 0, 0
		c.count.Bases++
		c.count.BaseBytes += int64(len(c.ready))
		c.write(w, flagBase, c.ready, fx)
	}
	c.ready, c.cuts = nil, nil
}

// The records of a worker's checkpoints are the pieces of bases and deltas:
//
//	flags 1: 1 = of a base, 2 = the first piece, 4 = the last piece | piece
const (
	flagBase byte = 1 << iota
	flagFirst
	flagLast
)

// recordBytes is how long a piece is at most.
const recordBytes = 4 << 20

// write writes a base or delta.
func (c *checkpoint) write(w *Worker, flags byte, data []byte, fx *engine.Effects) {
	var records [][]byte
	for next := flags | flagFirst; next&flagLast == 0; {
		n := min(len(data), recordBytes)
		if n == len(data) {
			next |= flagLast
		}
		records = append(records, append([]byte{next}, data[:n]...))
		data, next = data[n:], next&^flagFirst
	}
	c.keeper.keep(w, flags&flagBase != 0, records, fx)
}

// stored moves the pins: the checkpoint is safe. What a base makes superfluous goes.
func (w *Worker) stored(m stored, fx *engine.Effects) {
	c := &w.saving
	if m.checkpoint != c.number || c.wrote == nil {
		return
	}
	c.last, c.wrote = c.wrote, nil
	c.keeper.settled(fx)
	w.pinAll(c.last, fx)
}

// pinAll tells the log which cut the worker may have to read from.
func (w *Worker) pinAll(cuts []protocol.Cut, fx *engine.Effects) {
	for part, in := range w.inputs {
		id := protocol.PartitionID{Topic: w.opts.Topic, Number: int32(part)}
		// Without a request: if this is lost, the log keeps more than it must.
		fx.SendEager(w.opts.Brokers[in.to], protocol.Pin{Partition: id, Holder: Holder, Cut: cuts[part]})
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

func (r *recovery) record(rec []byte) error {
	if len(rec) == 0 || rec[0] > flagBase|flagFirst|flagLast {
		return fmt.Errorf("%w: record of %d bytes", errCheckpoint, len(rec))
	}
	flags := rec[0]
	if flags&flagFirst != 0 {
		r.pieces, r.open = nil, true
	}
	if !r.open {
		return r.orphan()
	}
	r.pieces = append(r.pieces, rec[1:]...)
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

// adopt makes a new worker the one of the last checkpoint, if there is one.
func (w *Worker) adopt(r *recovery) error {
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
	w.saving.image, w.saving.deltas, w.saving.since = img, r.deltas, r.count-1
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
