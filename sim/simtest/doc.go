// Package simtest is `go test` for code of one's own: it runs actors, jobs and
// aggregate functions in worlds that break, and makes what fails small enough to read.
//
// [Check] plays seeds. What it plays is [Actors], which boot nodes in a world and say
// what must hold, or a [Job], a pipeline with rows that runs as a cluster and is
// compared with the answer from scratch. Of a run that fails it finds the few faults,
// and of a job the few rows, with which the same property is violated; it says so in
// prose, stores them under testdata/parallax/<Test>/, plays what is stored there before
// anything else from then on, and prints one line that reproduces.
//
// [Stream] is a pipeline step by step, without a cluster: rows and watermarks go in by
// hand, and what comes out is compared at once. [Aggregate] holds an aggregate function
// against the laws that the engine relies on, [Interleavings] a whole pipeline against
// all the ways in which its rows may come, [Drivers] a driver against the contract of
// package engine. Package gen has generators of awkward values for tests by rapid.
//
// Environment: PARALLAX_SEED=7 plays that seed alone, PARALLAX_SEEDS=1..1000 those; with
// either, what is stored is left alone.
//
// The invariant: what a test does is a function of its code, its seeds and what is
// stored; and what is stored was seen to fail.
package simtest
