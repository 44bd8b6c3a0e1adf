// Package compare runs a job by several architectures, delays of the watermark and
// batch intervals, with and without faults, over one log of its data, and says what each
// answered when, how complete and how right that was, and what it cost.
//
// What is held equal: the operators (one pipeline), the bytes of the log and when they
// arrive, the seeds of faults and delays of messages, the table of costs, the pace, and
// that the log keeps everything. What differs is the architecture: a function from a
// [Case] to a [Trial], a record of everything that readers could see and of what it
// took. Package measure makes numbers of that record; it knows no architectures.
//
// The truth is computed from scratch, by sim/oracle, over all rows as if none came late.
// A hidden count stands behind the job's aggregates in every run and in the truth, so
// that how many rows an answer holds is read off the answer itself.
//
// Runs are worlds of their own and are carried out by as many goroutines as there are
// processors; results are put in order by their case. The invariant: what [Run] returns is
// a function of the job, its data and the options, to the bit.
package compare
