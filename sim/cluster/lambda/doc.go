// Package lambda runs a job as a batch layer, a speed layer and servers that add the two,
// in one simulated world, and checks every answer.
//
// A [Deployment] is brokers, a producer, a metronome that writes markers into the log, an
// object store, an archiver, a batch job, servers, and a client that asks any of them at
// random instants, always saying what it has seen. A run has two phases, as those of
// package cluster: the world does its worst, then it is calm and everything must catch
// up.
//
// Faults strike the rows of a story before anybody has sent them, as they do in package
// cluster; what nobody can read is in the log and in the raw zone, counts nowhere, and
// raises no frontier. The object store is one node and the only copy of what it holds: it
// crashes, loses and tears what was not synced, runs full and becomes slow. What it has
// made durable rots only with [Batch].Damage: then the invariants hold as before, a view
// that was hit is made again from the archive, and a run that cannot catch up is excused
// by what is destroyed, by name ([Deployment.Excused]).
//
// The log is known from what readers are sent of it; that a replicated log is one, package
// cluster checks. What an answer must be is computed from scratch by the oracle, at the
// cut that the answer states; by late: complete with the dropped pairs below the view's
// cut, windows that share no row together.
//
// A job whose answers do not add up is checked in the same way: what a view filled from the
// log's beginning shows at the cut.
//
// The invariants, after every event:
//
//   - readers are shown one log;
//   - every answer is the exact one of its cut, page by page, with its watermark, and its
//     numbers of counted and missing pairs;
//   - neither the cut nor the view goes back for the client;
//   - what leaders showed longer ago than a server's staleness says is in its cut: by the
//     server's own clock, of which is known what it showed when; of two brokers that take
//     themselves for leaders, one that was deposed may have been asked;
//   - in the end the view is that of the last marker, both servers serve it at the log's
//     end, and of generations only those behind it are left.
package lambda
