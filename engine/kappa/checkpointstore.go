package kappa

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine"
	"parallax/engine/kappa/vault"
)

// ownVault keeps checkpoints in an object store, see package vault. The worker's disk is
// not used: one with an empty disk, on whatever machine, goes on where the last one was.
type ownVault struct{ *vault.Vault }

// timerStore is the first of two timers, behind those of all partitions.
const timerStore uint64 = 1 << 32

// open takes over the job's checkpoints. The worker begins when they are read.
func (w *Worker) open(fx *engine.Effects) error {
	o := &w.opts.Checkpoint
	s, err := vault.Open(vault.Options{
		Store: o.Store, Prefix: o.Prefix, Env: w.env, Retry: w.opts.Retry, Timer: timerStore, Defect: vault.Defect(w.opts.Defect),
	}, fx)
	if err != nil {
		return fmt.Errorf("kappa: checkpoint: %w", err)
	}
	w.vault = s
	w.saving.keeper = ownVault{s}
	return nil
}

// keep puts the next checkpoint into the store.
func (o ownVault) keep(w *Worker, base bool, records [][]byte, fx *engine.Effects) {
	o.Put(records, base, w.saving.wrote, fx)
	if w.opts.Defect == Defect(vault.DefectEarlyPin) {
		w.pinAll(w.saving.wrote, fx)
	}
}

// settled does nothing: what a base makes superfluous the vault removes.
func (o ownVault) settled(*engine.Effects) {}

// deltasMax is so many that reading each by a request of its own stays short.
func (o ownVault) deltasMax() int { return 64 }

// fromStore takes in what the store has answered.
func (w *Worker) fromStore(m engine.Message, fx *engine.Effects) {
	if w.vault == nil {
		return
	}
	news, err := w.vault.Take(m, fx)
	switch news {
	case vault.Opened:
		err = w.opened(fx)
	case vault.Saved:
		w.stored(stored{w.saving.number}, fx)
	}
	if errors.Is(err, vault.ErrReplaced) {
		err = fmt.Errorf("%w: %w", errState, err)
	}
	if err != nil {
		fx.Fatal = fmt.Errorf("kappa: checkpoint: %w", err)
	}
}

// opened goes on from the last checkpoint, with whose head it must agree, as this attempt.
func (w *Worker) opened(fx *engine.Effects) error {
	var r recovery
	for _, record := range w.vault.Records() {
		if err := r.record(record); err != nil {
			return err
		}
	}
	if err := w.adopt(&r); err != nil {
		return err
	}
	if head := w.vault.Head().Cuts; w.saving.last != nil && !slices.Equal(head, w.saving.last) {
		return fmt.Errorf("%w: its head says %v, it is of %v", errCheckpoint, head, w.saving.last)
	}
	w.epoch = w.vault.Attempt()
	w.begin(fx)
	return nil
}
