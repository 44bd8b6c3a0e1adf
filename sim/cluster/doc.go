// Package cluster runs whole deployments in one simulated world and checks them.
//
// A [Deployment] is a producer, brokers, a worker, a view server and a client that
// asks at random instants. A run has two phases: first the world does its worst,
// and after every event a model tells whether anything anyone could see was wrong;
// then the world is calm, and everything must catch up in bounded time. At the end
// the view is compared with the oracle.
//
// The model keeps the log as the brokers have committed it, and the answers that
// belong to the cut at which the view stands. It classifies rows and assigns
// windows by itself, each family of windows in a file of its own; it shares with the
// engine the expressions and accumulators, which have laws and oracles of their own.
// A job with something that the model does not know is refused ([Checkable]).
//
// The invariants, each in a file check_….go that begins with what must hold, in one
// sentence ([Properties] lists them):
//
//   - replicas, appends, offsets: what one broker has applied, every broker that has
//     applied it has alike; no batch is in the log twice, out of its producer's order, or
//     other than it was sent; what was acknowledged is at its offset, and every answer to
//     a reader shows what is there, committed and without gaps;
//   - cut, answer: the view stands at a cut of the log and never goes back behind what
//     anybody was told; its content is exactly the answer at that cut;
//   - watermark: whoever tells a frontier or a watermark, in whatever message, tells the
//     one of its cut;
//   - conservation: wherever the worker stands at the model's cut, it has accounted for
//     every row and every (row, window) pair as the model has, and the model as the
//     oracle has: on time, revised or dropped, each exactly once;
//   - classes: it has classified them as its row path does over the feed, undisturbed;
//   - state: whenever the worker has read further, it keeps exactly the windows,
//     sessions, slices and keys that may still fire or be revised at the watermarks of
//     its cut, no more and no fewer;
//   - credit: nobody is sent more than he has asked for;
//   - client: every answer is that of the cut it states, and cuts never go back for it;
//   - liveness: from when the world is calm, the feed is committed and the log is in
//     the view within the time that [Deployment.Run] is given. For a small cluster
//     with the periods that the actors have by default 10 s are enough: an election
//     of at most 2 s, a round of retries over three brokers at 0.7 s each for the
//     worker and 0.3 s for the producer, and what is left of the feed.
//
// Faults damage durable data on a minority of the brokers only. With
// [Options].Unrestricted they damage any disk; then the invariants hold as before, and
// what cannot catch up must be excused by data that was destroyed, see
// [Deployment.Excused]. A run in which a family of faults that is sure to strike did
// not, or in which nothing was compared, is inconclusive, see
// [Deployment.Inconclusive]; places that runs ought to come to are [Probes].
//
// A [Tally] counts what a run has shown. [Deployment.Metrics] is how every actor
// stands, as data, and [Deployment.LogTo] has the run told as a structured log: both
// look at the actors from outside, so neither can change a run.
package cluster
