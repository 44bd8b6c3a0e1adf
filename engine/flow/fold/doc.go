// Package fold computes what a job has counted up to a cut, and shows nothing: for each
// group key and window the numbers of (row, window) pairs on time, revised and dropped,
// and the accumulators of those that count.
//
// Each pair is judged by its own partition's frontier just before the row (DESIGN,
// section 4), so a fold is a function of the log below its cut: it depends neither on
// how partitions interleave nor on how rows are cut into batches. It is also a
// commutative monoid. Folds over adjoining spans of the log, such as those of a batch
// layer and of a speed layer, add up to the fold over both, row by row ([Merger],
// [Fold.Merge]).
//
// The invariant: at every cut C, the rows with Counted() > 0 whose window is complete by
// the watermark at C ([Watermark]) are what a worker that fires windows shows there, bit
// for bit, and a row is a revision there iff Revised > 0.
//
// That holds where windows follow from event time alone and a partition's frontier is
// all that lateness depends on; [Choose] says for every plan whether it does, what is
// done otherwise, and why.
//
// Accumulators of a slice of time lie side by side by key number, so that a row costs no
// lookup by hash where most keys have rows in most windows; slices with few of all keys
// have a small index each. Nothing is forgotten: a fold grows with its (key, window)
// pairs, and what shares its keys ([Fold.Beside]) with the keys.
package fold
