package watermark

import "math"

// Class is what becomes of a (row, window) pair.
type Class uint8

// The classes.
const (
	OnTime   Class = iota // counted when the window fires
	Revision              // counted afterwards, within the allowed lateness
	Dropped               // too late
)

// String is the class's name.
func (c Class) String() string {
	return [...]string{"on time", "revision", "dropped"}[c]
}

// Classify judges a pair by the watermark w that the rule for lateness names (for
// `rule: log` the row's own partition's, just before the row), the window's
// exclusive end, and the allowed lateness: on time while w < end, a revision
// while w < end + allowed, else dropped. The sum saturates: then a revision is
// for ever possible, up to the end of time itself.
func Classify(w, end, allowed int64) Class {
	switch {
	case w < end:
		return OnTime
	case allowed > 0 && (end > math.MaxInt64-allowed || w < end+allowed):
		return Revision
	}
	return Dropped
}
