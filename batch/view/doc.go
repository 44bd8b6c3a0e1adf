// Package view is what a batch layer publishes: for each group key and window what a job
// has counted below a cut, in files, behind one pointer.
//
// The idea. A [Head] says of a view everything that an answer has to say: its number, the
// cut, the code that made it. It is the whole content of the pointer, so that whoever
// reads it has all of that at one moment; the files that it names are written before and
// never change. A later view takes its place by compare-and-set, under a higher number
// and at a later marker, or not at all.
//
// A file holds rows of package fold in their order, as Parquet: the key's columns and the
// window's edges, the numbers of pairs, the finished results for other programs, and the
// accumulators, which are what answers are made from.
//
// A view by replay has other files: rows of a serving view, which a row path has shown, and
// pieces of its state.
//
// The invariants: equal rows make equal bytes; what is decoded is what was encoded; a
// head or a file that is not what was written is refused by name.
package view
