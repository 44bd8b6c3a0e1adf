// Package source reads files of rows: CSV, JSON Lines and Parquet, each also
// gzipped, into typed batches per partition.
//
// [Scan] goes over the whole file once: it finds the types of columns that were
// not declared, numbers the partitions, counts the rows and lists what cannot be
// read. [File.Read] goes over it again and hands out batches of the columns that
// are needed. Both passes take the same decisions by the same code.
//
// The invariant: every record of the file is either a row of exactly one
// partition, at the offset of its place among that partition's rows, or an
// [Error] that says where it stands and why it was refused. Damaged input gives
// an error, or with SkipBad a listed reject; it never gives a panic, a guess or a
// silent loss.
package source
