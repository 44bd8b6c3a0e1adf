// Package fuzz looks for runs that fail, and makes what it finds small enough to read.
//
// A [Campaign] plays the scenarios that seeds expand to, on all processors, one world
// for each goroutine. [Shrink] takes from a scenario that fails what it does not need:
// faults, rows, the client, steps of the pipeline, sizes. [Explain] tells in prose what
// led to a failure, [Diff] finds the first event at which two runs part.
//
// The invariant: what a campaign reports is a function of its seeds, however many
// workers it has: the failure of the smallest seed that fails. What Shrink returns was
// played, and violates the property that the scenario it was given does.
package fuzz
