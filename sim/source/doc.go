// Package source is what may go wrong with the rows of a run before anybody has sent
// them: they come late and all at once, or a partition has nothing to say for a while,
// a row comes twice, cannot be read, has other columns, values that no expression can
// digest, or a time that lies far in the future.
//
// The idea. A story says which rows there are and when they arrive; [Deliver] is what
// their sources make of that. Each family of faults is a file, with its model in prose
// at the top. Who decides what strikes is the world (sim.World.StrikeRows), by the
// names of rows: partition, event time and values, and how many rows like it came
// before. So without a row every other row has the faults that it had.
//
// The invariant: what is delivered is a function of the story and of what strikes. In
// every partition it is ascending by arrival, and no row is lost: those that are no use
// to anybody are there and are refused.
//
// The family "producer-retry", of the group of sources, hits messages and is in package
// sim.
package source
