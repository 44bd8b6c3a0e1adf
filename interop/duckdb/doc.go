// Package duckdb lets another program read what a batch layer keeps: DuckDB, through its Go
// driver. It is a module of its own, because that driver is 60 MB of C++.
//
// The tests run an archive and a job in a simulated world, put the store's objects into a
// folder as they are, and ask DuckDB for the counts and sums of every file: they must be
// those that this engine reads, and the view's must follow from the zone's. The benchmarks
// fold the same file by both, one thread each.
//
//	make interop
//	make interop-bench
package duckdb
