package kappa

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine"
	"parallax/engine/kappa/shelf"
)

// ownShelf keeps checkpoints in an object store, see package shelf. The worker's disk is
// not used: one with an empty disk, on whatever machine, goes on where the last one was.
type ownShelf struct{ *shelf.Shelf }

// timerStore is the first of two timers, behind those of all partitions.
const timerStore uint64 = 1 << 32

// open takes over the job's checkpoints. The worker begins when they are read.
func (w *Worker) open(fx *engine.Effects) error {
	o := &w.opts.Checkpoint
	s, err := shelf.Open(shelf.Options{
		Store: o.Store, Prefix: o.Prefix, Env: w.env, Retry: w.opts.Retry, Timer: timerStore, Defect: shelf.Defect(w.opts.Defect),
	}, fx)
	if err != nil {
		return fmt.Errorf("kappa: checkpoint: %w", err)
	}
	w.shelf = s
	w.saving.keeper = ownShelf{s}
	return nil
}

// keep puts the next checkpoint into the store.
func (o ownShelf) keep(w *Worker, base bool, records [][]byte, fx *engine.Effects) {
	o.Put(records, base, w.saving.wrote, fx)
	if w.opts.Defect == Defect(shelf.DefectEarlyPin) {
		w.pinAll(w.saving.wrote, fx)
	}
}

// settled does nothing: what a base makes superfluous the shelf removes.
func (o ownShelf) settled(*engine.Effects) {}

// deltasMax is so many that reading each by a request of its own stays short.
func (o ownShelf) deltasMax() int { return 64 }

// fromStore takes in what the store has answered.
func (w *Worker) fromStore(m engine.Message, fx *engine.Effects) {
	if w.shelf == nil {
		return
	}
	news, err := w.shelf.Take(m, fx)
	switch news {
	case shelf.Opened:
		err = w.opened(fx)
	case shelf.Saved:
		w.stored(stored{w.saving.number}, fx)
	}
	if errors.Is(err, shelf.ErrReplaced) {
		err = fmt.Errorf("%w: %w", errState, err)
	}
	if err != nil {
		fx.Fatal = fmt.Errorf("kappa: checkpoint: %w", err)
	}
}

// opened goes on from the last checkpoint, with whose head it must agree, as this attempt.
func (w *Worker) opened(fx *engine.Effects) error {
	var r recovery
	for _, record := range w.shelf.Records() {
		if err := r.record(record); err != nil {
			return err
		}
	}
	if err := w.adopt(&r); err != nil {
		return err
	}
	if head := w.shelf.Head().Cuts; w.saving.last != nil && !slices.Equal(head, w.saving.last) {
		return fmt.Errorf("%w: its head says %v, it is of %v", errCheckpoint, head, w.saving.last)
	}
	w.epoch = w.shelf.Attempt()
	w.begin(fx)
	return nil
}
