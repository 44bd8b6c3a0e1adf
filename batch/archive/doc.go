// Package archive copies a log into a master dataset: immutable Parquet files behind a
// manifest, which is all that a batch layer ever reads.
//
// The idea. Markers in the log, one producer's idle records of which the k-th is due in
// every partition, cut it into generations. The [Archiver] reads on, gathers the rows of
// each partition between two markers, and when a marker has come in all partitions it
// writes their files and commits them as batch k + 1, up to the cut at that marker. It
// keeps nothing of its own: after a crash it reads what is committed and goes on behind
// that cut, which it has pinned in the log. Whatever it had written and not committed, it
// writes again, under the same names.
//
// Each zone is a table. The raw zone has the rows as they were received, also those that
// were rejected, with the reason. A refined zone has the rows that count, of some columns,
// and others made anonymous by a keyed hash ([Refined]): what the data is for is decided
// after it was loaded.
//
// The invariants: a table's cut is that of a marker, and its live files hold exactly the
// rows of the log below; a batch is in a table once; what a file holds is a function of
// the log between two markers.
package archive
