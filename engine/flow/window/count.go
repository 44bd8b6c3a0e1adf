package window

import "errors"

var errCount = errors.New("window: count windows hold a positive number of rows, and nothing else is to be said of them")

// Count is windows of so many rows: of the rows of a key, in the order of their event
// times, the k-th window holds those numbered k*rows to (k+1)*rows, the last one
// excluded, and the first row's number is 0. Its edges are these numbers, not times,
// of which several rows may share one ([Spec.Numbered]). Which window a row belongs to
// does not follow from its time, so that [Spec.Assign] and what is based on it, such as
// slices, know none. Size and Every are the number of rows.
func Count(rows int64) Spec { return Spec{Kind: Counting, Size: rows, Every: rows} }

// Numbered tells whether the edges of windows are numbers of rows, not times.
func (s Spec) Numbered() bool { return s.Kind == Counting }

func (s Spec) validateCount() error {
	if s.Size <= 0 || s.Every != s.Size || s.Offset != 0 || s.Clamp {
		return errCount
	}
	return nil
}
