// Package bench runs jobs on generated data and shows what came of it.
//
// [Demo] makes the clicks of a small fleet of phones, some of which go offline and
// send what they kept in a burst when they are back, and some of whose clocks run
// ahead; runs a job over them by the engine and by the oracle; works out, for
// every (click, window) pair, what made it late and which delay of the watermark
// would have sufficed; and leaves a folder with the data, the job, its answers,
// and a report in one file that needs nothing else.
//
// The invariant: the folder is a function of the seed and the number of clicks,
// byte for byte, on every machine; and what the report says of a pair is checked
// against what both paths counted.
package bench
