// Package limits holds the figures of benchmarks against what they are to be.
//
// The idea: a figure means something beside a limit, and a ratio to what one would
// write by hand, in the same run, more than a time. [Write] reads what the go command
// prints of benchmarks and makes a table of the goals: the figure, its range over
// repeated runs, the limit, and whether it was met.
//
// make bench-report does it all; the README has a table of that kind, with ranges.
//
// The invariant: no figure without an answer. A benchmark whose result was not checked
// (it reports no metric "answer") or was not always the same has none in the table.
package limits
