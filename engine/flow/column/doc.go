// Package column is the vocabulary of rows inside the engine: types, values,
// typed columns and batches.
//
// Rows travel as Arrow record batches in the log and in answers; between those
// edges operators loop over the typed slices of a [Column]. A [Batch] is a run
// of consecutive log records of one partition with their event times, append
// times and the partition's frontier just before each row. Rows that a filter
// took out stay in the slices and leave the selection, so that the offset of a
// row is always the batch's offset plus the row's index.
//
// Strings are coded: a string column holds codes into a [Dict], which belongs to
// one log segment and only grows. A string is hashed once per segment, not once
// per row; whatever is derived from a code is valid for that Dict only.
//
// The invariant: in a batch of n rows every slice that is in use has length n,
// a nil Null slice means that no row is null, and a code is less than the length
// of its Dict.
package column
