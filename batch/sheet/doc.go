// Package sheet writes and reads flat Parquet files of typed columns: what the zones
// and the views of a batch layer are made of.
//
// The idea. A file holds the columns of package column as they are, so that other
// programs can read it and nothing is boxed on the way back: integers and times in
// deltas, strings behind a dictionary, decimals as 16 bytes, all of it compressed by
// zstd, with statistics and an index of pages. A column is known by its field id; its
// name may change from one schema to the next, and a column that a file does not have
// reads as nulls.
//
// [Encode] makes a file of whole columns. [Open] looks at what a reader asks for and
// nothing else: it reads only those columns, page by page, in steps of rows of the
// caller's choice. Whoever keeps files keeps their checksums too ([Sum]); Open wants
// it, because Parquet's own do not cover everything.
//
// The invariants: equal columns make equal bytes, in every run and whatever the number
// of processors; what is read back is what was written, to the last bit of a NaN; a
// file that is not what was written is refused by name, and makes nothing panic.
package sheet
