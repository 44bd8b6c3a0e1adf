// Package speed answers queries of a job whose batch layer publishes views: from the
// latest view, and from what the log holds behind the view's cut.
//
// The idea. A [Server] folds the log from the cut of its view on (package fold), in
// generations: the rows of a partition between markers k-1 and k are generation k. A
// view at marker k is the fold of all generations up to k, so when it is published and
// loaded, the server puts it in the place of its own and drops those generations, in one
// step; no row of the log is in both or in neither. A partition of which it has read less
// than the view is moved forward to the view's cut. An answer adds the view's row and
// those of the generations, for each key and window, and shows those that are complete by
// the watermark of the cut that it states.
//
// A job whose answers do not add up is gone on with instead: the view is a row path's state
// and what that shows, and the server runs the path on from there (package replay). The
// generations are then the log as it came. A new view's path takes in again what is behind
// the view's cut, and the old one answers until the new one has come as far.
//
// A server keeps nothing durable. After a crash it begins at the view that is published,
// where it has pinned the log. Several servers may serve one job, each at a cut of its own;
// a client that sends the cut it has seen never goes back.
//
// A view of which a file is damaged is not served: the server says so in the pointer to it,
// for whoever makes the views, and looks again.
//
// The invariants: an answer is the exact one of its cut; by late: complete, with what was
// dropped below the view's cut. Generations that a view has absorbed are gone, and at most
// [Options.Generations] are kept before the server reads no further: then its answers
// become stale, and say so.
package speed
