// Package trigger says which panes a (key, window) has: when it is shown before it
// is complete, when after, and how one pane follows another.
//
// A [Spec] is data. Without one, a window has a pane when the watermark reaches its
// end and one more for every late row. With one it may have EARLY panes before, by
// the watermark, by processing time or by the number of rows; its LATE panes may be
// fewer; and each pane holds all rows so far (accumulating), only those that no
// pane had before (discarding), or all of them behind a pane that takes the last
// one back (retracting).
//
// A phase of a window, before its end and after it, follows [Firings]: a [Rule]
// again and again, or several rules one after the other (AfterEach), and perhaps
// another that comes once and is the last (OrFinally). [Progress] is how far one
// (key, window) has come with them. A pane is due only if there are new rows: the
// pane on time and the closing one alone may come without, where that is asked for.
//
// Processing time is the clock of the log: the greatest append time of the rows that
// the operator has seen, of all partitions, those that a filter took out included.
// It moves before the row that moves it is counted, behind the watermark. So panes are
// a function of the order in which rows reach the operator, and replays repeat them.
//
// The invariant: what is new is shown once. By discarding panes each row is in
// exactly one pane, and their sum is what the last accumulating pane shows; it does
// not depend on the trigger. Early panes are speculative: where several partitions
// are read, what they hold depends on how those interleave. The pane on time and the
// last value do not.
package trigger
