// Package oracle answers a pipeline from scratch, to tell whether the engine is
// right.
//
// [Answer] walks the log once, row by row, with boxed values; it keeps every row
// of every window, and computes each aggregate over the rows at the end, in
// numbers of any size. With the engine it shares the definition of a pipeline, the
// parser of expressions and the vocabulary of values, nothing else: not the
// compiled expressions, accumulators, window assignment or watermark arithmetic,
// which it repeats in the plainest form known. So it is slow (some seconds for a
// quarter of a million rows) and has no state to save, no batch, and no order of
// work to get wrong.
//
// The invariant: the answer is a function of the rows and the definition alone.
// Under the rule for lateness called log the order in which rows of different
// partitions reach the pipeline does not matter either, save for the order of
// [Result].Drops; under the rule operator it does, and is what Input.Rows says.
//
// What it cannot find is a mistake in what is shared: an expression parsed
// wrongly, a definition that does not say what was meant. Known answers do that.
package oracle
