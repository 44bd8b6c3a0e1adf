// Package window says which windows an event time belongs to: tumbling and
// hopping windows with an offset, aligned to the Unix epoch; days, weeks and months
// in a time zone; the one global window; and sessions and sliding windows, which the
// times themselves make; and windows of so many rows.
//
// A tumbling or hopping window is the half-open interval [start, start+Size), and a [Spec] places
// one at every start = Offset + k*Every, k any integer. Hopping windows overlap
// when Every < Size and leave gaps when Every > Size, so that a row may have
// many windows, one, or none. All times and lengths are microseconds.
//
// Where an operator keeps overlapping windows it need not add a row to each of
// them: [Spec.Slice] cuts time at every start and every end of a window, and all
// rows of a slice have the same windows ([Spec.Ends]). There are at most two
// slices in a period of Every, however the lengths divide; this is the paired
// cut of Krishnamurthy, Wu and Franklin, "On-the-fly sharing for streamed
// aggregation", SIGMOD 2006, section 4.
//
// A session is what times leave no gap in: each stands for [t, t+gap), and those
// that overlap, or also those that touch, are one window ([Sessions]). Sliding
// windows ([Slide]) are as long as each other and stand where rows enter and leave
// them. Count windows ([Count]) hold a number of rows in the order of their times, and
// their edges are numbers of rows. None of these have slices.
//
// Windows of a calendar (package civil) are days, weeks or months in a time zone. They
// tile time as tumbling windows do, at edges that civil time gives; a slice is a
// window. The global window holds everything.
//
// The invariant: a window exists only if both its edges are int64 values. Within
// Size of either end of the int64 range (some 292,000 years from 1970) a row
// therefore has fewer windows than elsewhere, perhaps none, and nothing wraps.
package window
