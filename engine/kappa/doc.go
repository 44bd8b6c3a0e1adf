// Package kappa runs a pipeline on the log: rows are aggregated as they come, and
// a view is kept up to date.
//
// A [Producer] brings a source into the log. A [Worker] reads all partitions of a
// topic, runs the pipeline's row path over them and publishes the panes that fire,
// span by span, to a view (package serving).
//
// The worker's state is a pure function of the cut that it has reached, so the
// view's cut is the commit point: the worker publishes a span [lower, upper) by
// compare-and-set on it, keeps checkpoints at leisure, and after a restart replays
// silently from its last checkpoint to exactly the cut at which the view stands.
// No result is ever written down twice, and a worker that does not know that it
// was replaced can publish nothing: whoever asks a view where it stands fences all
// earlier attempts.
//
// A checkpoint is the whole state or the difference from the one before (see
// checkpoint and image); the pieces of state that have not changed are not written
// again. Checkpoints are on the worker's disk, or in an object store (package vault): then
// a worker whose disk is empty goes on where another one was, and that one ends.
//
// The invariants: the checkpoint's cut never lies above the view's; a span begins
// where the last one ended; the log is pinned at the checkpoint.
//
// What cannot be replayed is refused: late rows that are judged by the operator's
// own watermark over several partitions, and watermarks that follow what it finds.
// Those that follow from a partition's rows alone, but not from their greatest event
// time, have state beyond what a cut tells. It is in the checkpoint, and without one
// the log is pinned at its beginning, so that it is never missed. Brokers know no
// promises, so their idle records are refused then.
//
// Sessions grow. What a pane retracts is published as a row without accumulators,
// which takes the view's away; the sessions that are shown follow from the cut, like
// every other row.
package kappa
