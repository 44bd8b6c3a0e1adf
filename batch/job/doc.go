// Package job is the batch layer's computation: all rows below a cut, folded into what a
// view holds.
//
// The idea. When the archive has a later cut than the view, the [Job] folds what lies
// between them onto the view's rows, or everything from the first file on; both come to
// the same rows, bit for bit, because accumulators are a commutative monoid and every
// archived row can be judged by itself (package zone). Then it writes the view's files
// under names that tell their contents, and swaps the pointer, which says everything of
// the new view at once.
//
// It keeps nothing of its own. After a crash it reads where archive and view stand and
// begins again; that a publication whose reply was lost has succeeded it sees from the
// head's marker, which it looks at before every swap and never moves back.
//
// What does not add up it runs instead (package replay): from the state of the view before,
// or from the first file, a row path is brought to the cut, and what it shows there and its
// state are the view.
//
// A view of which a file is damaged is made again from the archive: when the job itself
// finds it, or when a server has and says so in the pointer. The files then have the names
// and bytes that they had. A damaged file of the archive ends the job, by name: what it
// held is in no other place that the job knows.
//
// By late: complete, dropped pairs are counted as well: a batch layer repairs what a stream
// had to leave out. By late: same it applies the stream's rule, and comes to the stream's
// answers.
//
// The invariants: a published view is made of exactly the rows below its cut; its
// marker only rises; whatever crashes, the view is the old one whole or the new one whole.
package job
