// Package zone is the files of a master dataset: rows of one partition of the log, with
// what the log knows of them.
//
// The idea. Whoever folds rows of an archive must judge them as a stream does, without
// reading anything before them. So a file keeps beside a row's columns its offset, event
// and append time, and its partition's frontier just before it; a raw zone also says of
// a row that was rejected why. These hidden columns begin with an underscore:
//
//	id  name       type
//	 1  _offset    int64      in the partition
//	 2  _event     timestamp  event time
//	 3  _append    timestamp  when the partition's leader appended it
//	 4  _frontier  timestamp  just before the row; null before the first
//	 5  _reject    string     null for a row that counts
//	 6  _payload   bytes      of a batch that could not be read; such a row has no values
//	16… the input's columns, in their order
//
// [Rows] gathers rows and makes a file of them with its statistics; [Reader] gives them
// back as batches, and reads only what is asked for. A file says how far its rows are
// behind their frontiers at most ([Reader.Behind]): who needs to know only that none is
// late need not read frontiers.
//
// The invariant: batches that are read back are those that went in, stamps included.
package zone
