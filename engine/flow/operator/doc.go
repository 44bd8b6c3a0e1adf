// Package operator is the row path: from decoded batches to the panes of windows.
//
// An [Entry] stamps each row with its partition's frontier just before it. Filters
// and projections narrow the batch's selection and replace its columns without
// copying rows. A [Keyer] turns the key columns into dense numbers. A [Windowed]
// aggregates by (key, window) and hands out finished panes one by one, as [Sessions]
// does by (key, session) and others by (key, sliding window). A [Path] puts the parts together for a plan, and is what
// most callers want.
//
// Which windows a row counts in, and how, is decided by a watermark and the
// plan's rule (DESIGN, section 4): on time for a window that ends at e iff W < e,
// a revision iff e <= W < e + allowed, else dropped. Under the rule "log" W is
// the row's own partition's, just before the row, so the on-time value and the
// final value of every (key, window) are functions of the log: they do not depend
// on how partitions interleave, how rows are cut into batches, or where the
// operator was saved and loaded. Under the rule "operator" W is the least over
// all partitions at the moment the row gets there, and they do depend on it.
//
// A window fires when the operator's own watermark reaches its end: the least
// over the partitions, or, across own, the partition's, whose keys no other
// partition has. Its pane on time holds the rows on time alone; revisions that
// come before wait beside it and follow at once in a revision. Later ones give a
// revision per Add and window. Its state is forgotten when the watermark reaches
// end + allowed.
//
// Sessions are windows that the rows of a key make, so that late rows change what
// windows there are: see [Sessions], which takes the place of Windowed. Their panes
// name the window of each key, and a [Retraction] names those that stand no more.
// Sliding windows ([window.Slide]) are made by rows, too, but a late row only adds to them.
//
// Windows over results are run by links, one for each stage after the first: results
// on time go to an operator of their own, whose watermark follows all panes due to it;
// results that may be revised are kept, and a ledger tells what a revision changes in
// the windows above. A Retraction may then be of any windows.
//
// What all this waits for at a moment is told by [Path.Waiting]: which partition
// holds the watermark, and because of which row; which windows are open, and at which
// watermark each fires and is forgotten. A family of windows takes part by a method
// Open.
//
// Where a plan has a trigger, a third operator takes the place of Windowed: it shows each
// (key, window) as the trigger says, also before it is complete, and its panes carry
// records that number them.
//
// Overlapping windows share state: a row is aggregated once, in its slice of event
// time, split by which windows it is on time for and which it revises, and a
// firing window sums the slices' classes that belong to it. Accumulators lie in
// slabs by key number, which a bitmap of touched keys accompanies; a slab that
// holds few of all keys uses a small index instead.
//
// The invariants: every (row, window) pair is counted exactly once as on time,
// revised or dropped; a row on time never meets a fired window (ErrFrontier tells
// frontiers that contradict each other); and equal states have equal encodings.
//
// Keys are never forgotten: a job over ever new keys grows, by what a [Keyer]
// holds for each.
package operator
