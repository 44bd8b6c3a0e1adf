// Package flow defines a pipeline as data: a validated chain of steps that can be
// written in Go or decoded from a job file, printed, drawn, and planned for the
// columns of a given source.
//
// A pipeline filters and projects rows, groups them by key and window, computes
// aggregates, and may filter and project the finished rows, or treat them as rows
// of another window. [Pipeline.Plan]
// checks it against the source's columns and binds every expression and
// aggregate; operators run the [Plan].
//
// The invariant: a Plan has no mistakes left that could be found without data,
// and a mistake is reported with the place where it was written and the nearest
// name that would have been right.
package flow
