// Package zoo lists the mistakes that deployments can be run with, to grade what looks
// for mistakes.
//
// The idea. Each [Defect] is one wrong step, switched on at its real place in the
// engine: what a bug of a known system did (its reference begins with Z and a number,
// and names the issue), or what a tired engineer would write. [Absences] are the bugs
// of known systems that cannot be planted, and why. A defect is off unless a test, a
// scenario file with the key defect, or the command zoo plants it: no job file, flag or
// option of a production deployment leads there, and a check of a constant is all that
// it costs.
//
// The invariant: each defect is found from random seeds, not from a scenario made for
// it, by one of the properties that it names.
//
// To add one: a file with a Defect that says what it is and how it is planted, and its
// line in the list of zoo.go.
package zoo
