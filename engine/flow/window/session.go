package window

import "math"

// Merge says when two sessions of a key are one.
type Merge uint8

// The ways to merge. Sessions of times 0 and 10 with a gap of 10 are two when
// they must overlap and one when touching is enough: then the gap is inclusive.
const (
	Overlapping Merge = iota
	Touching
)

// String is the name of the way in job files.
func (m Merge) String() string {
	if m == Touching {
		return "touching"
	}
	return "overlapping"
}

// Sessions is windows that rows make: the row at t stands for [t, t+gap), and
// those of one key that overlap (or touch) merge into one window, which ends gap
// behind its last row. Size and Every are the gap.
func Sessions(gap int64, merge Merge) Spec {
	return Spec{Kind: Session, Size: gap, Every: gap, Merge: merge}
}

func (s Spec) validateSession() error {
	switch {
	case s.Size <= 0 || s.Every != s.Size || s.Offset != 0:
		return ErrGap
	case s.Clamp:
		return ErrClamp
	case s.Merge > Touching:
		return ErrMerge
	}
	return nil
}

// Joins tells whether the sessions [start, end) and [otherStart, otherEnd) are one.
func (s Spec) Joins(start, end, otherStart, otherEnd int64) bool {
	if s.Merge == Touching {
		return start <= otherEnd && otherStart <= end
	}
	return start < otherEnd && otherStart < end
}

// Closes is the least watermark W at which a window that ends at end is complete:
// rows to come have times of W or more. A session that touching is enough for may
// still grow at W = end. It saturates.
func (s Spec) Closes(end int64) int64 {
	if s.Merge == Touching && end < math.MaxInt64 {
		return end + 1
	}
	return end
}
