// Package replay runs a job's row path over a log from a cut on, where what is below the
// cut is a state and the rows that were shown: for jobs whose answers do not add up.
//
// The idea. Sessions across a cut, windows over results, and watermarks that remember more
// than a frontier cannot be made of two halves. But what a row path has become at a cut,
// and what it has shown by then, follow from the log below the cut alone, for all jobs
// that package fold serves by Replay; so whoever has both goes on from there as if it had
// read everything. A [Run] is that: a path, the rows that stand, and the cut. A batch job
// brings one to a cut over the rows of an archive and publishes it as rows and state; a
// server loads these and takes records of the log in from the cut on.
//
// The rows of an archive come with their partition's frontier just before each, and idle
// records do not come at all. Where a row's frontier is greater than the path's, an idle
// record has raised it: the path is told so first. Nothing but the order within a
// partition matters then, and [Run.Behind] says which one to read next so that little
// has to wait.
//
// The invariants: the state and the rows at a cut, taken on over the log to a later cut,
// show what a run from the log's beginning shows there; equal histories make equal bytes;
// a record is taken in once, and none is left out.
package replay
