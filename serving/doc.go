// Package serving keeps the answers of a job and serves them.
//
// A [View] holds, for each group key and window, the accumulators of the last pane
// that was published, and finishes them when it is asked. It changes by spans: a
// [Publish] carries the panes of a span [lower, upper) of cuts and is applied
// whole, if lower is the cut at which the view stands. So the view's cut is the
// commit point of whoever publishes: what lies below it is in the answers, once,
// and nothing else is; a span that is sent again, or by an attempt that does not
// know that it was replaced, changes nothing.
//
// The invariant: at every moment the answers that anyone can see are the exact
// result of the job over the rows below the cut that stands in them. Output commit
// keeps back every answer and acknowledgement until the span that it shows is
// durable.
//
// An attempt asks where the view stands before it publishes. From then on nothing
// of an earlier attempt is applied, also not what is still on its way.
//
// A view's state is a journal of spans, begun anew with the whole state when the
// spans have outgrown it. Its size is bounded by memory; a span by a record of the
// journal, 256 MiB.
package serving
