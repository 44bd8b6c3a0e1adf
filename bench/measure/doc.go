// Package measure says how late, how complete and how right the answers of a run were,
// and what they cost, from a record of what a reader could have seen of every window.
//
// A [History] is a window as it is in truth, with every row, and all that was shown of
// it. The clock is that of the data, in microseconds; no metric mixes two clocks. Each
// metric has a file:
//
//   - latency: from the end of a window to its first answer (which judges the policy),
//     from when the policy permitted an answer to the answer (which judges the engine),
//     and from a row to the first answer that holds it;
//   - completeness: the share of the rows that an answer holds, at first, some time after
//     the window's end, and at the end; over pairs (micro) and over windows (macro);
//   - fault: how far values are from the truth;
//   - staleness: how long ago the answers were right for everything up to then;
//   - revisions: how often an answer changes, by how much, and when for the last time;
//   - lag: why the watermark is behind the clock;
//   - held: what is kept, over time;
//   - count: rows that count more than once, or not at all;
//   - work: processors, disks and network, by role and per byte of input;
//   - recovery: how long readers waited behind a fault.
//
// The invariant: a metric is a function of its arguments, to the bit, on every machine;
// what has no value is not a number, never 0.
package measure
