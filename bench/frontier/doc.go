// Package frontier works out what every delay of the watermark would have cost and
// brought: how many rows come too late and how long answers wait, for all delays
// at once, from one pass over the rows as they arrived.
//
// The idea is elementary, and exact. Under
// bounded disorder d a row that arrives when the frontier is F meets the watermark
// F - d. For a window that ends at E let c = F - E. The pair of row and window is
//
//	on time    iff c < d
//	a revision iff d <= c < d + L    (L: allowed lateness)
//	dropped    iff d + L <= c
//
// and F does not depend on d, so that a sorted list of the c of late pairs answers
// for all delays. A window fires when the frontier reaches E + d, which a list of
// the moments at which the frontier rose answers likewise. So the kept rows only
// become more as d grows: values can be followed by adding, whatever the aggregate.
//
// A [Trace] takes the rows in, as a job's row path stamps them; [Trace.Curve] gives
// a [Point] for each delay. [Run] does both for a job file. What windows there are
// must not depend on which rows were kept: a job with sessions is run again for each
// delay. Latencies are virtual and free of costs: from the end of a window to
// the arrival of the row that lets it fire.
//
// The invariant: the counts of a point are those of the engine with that delay, and
// its firing times are the engine's, for every delay, rule, and number of
// partitions; a test holds them against each other.
package frontier
