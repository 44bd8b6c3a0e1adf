package window

import "math"

// Slide is windows that rows make, as Kafka Streams has them (KIP-450): rows whose
// times differ by at most difference are together in one. For every row of a key
// there is the window that ends at it, and the one that begins just after it if that
// holds another row; windows with the same edges are one. Of rows that come in time
// these are exactly the different sets of rows that a window of this length can hold,
// each named by the earliest start at which it holds them.
//
// Times are told apart by the grain, of which the difference is a multiple; it is what
// "just after" means. A row counts
// as at the multiple of the grain at or below its time ([Spec.Grid]). A window that
// begins at start holds the times start, …, start + difference, both included; as all
// windows here are half-open, it is [start, start + difference + grain). Size is
// difference + grain and Every the grain.
func Slide(difference, grain int64) Spec {
	return Spec{Kind: Sliding, Size: Add(difference, grain), Every: grain}
}

// Difference is how far apart the times in a sliding window may be.
func (s Spec) Difference() int64 { return s.Size - s.Every }

func (s Spec) validateSliding() error {
	switch {
	case s.Every <= 0 || s.Size < s.Every || s.Size%s.Every != 0 || s.Size > math.MaxInt64/4 || s.Offset != 0:
		return errSlide
	case s.Merge != Overlapping:
		return ErrMerge
	case s.Clamp:
		return ErrClamp
	}
	return nil
}

// Grid is the time at which a row of time t counts in sliding windows. ok is false
// within Size + Every of the ends of the int64 range: such a row has no window.
func (s Spec) Grid(t int64) (u int64, ok bool) {
	edge := s.Size + s.Every
	return t - floorMod(t, s.Every), t >= math.MinInt64+edge && t <= math.MaxInt64-edge
}

// Own is the start of the sliding window that ends at a row; u is on the grid.
func (s Spec) Own(u int64) int64 { return u - s.Size + s.Every }

// After is the start of the sliding window just after a row; u is on the grid.
func (s Spec) After(u int64) int64 { return u + s.Every }

// Enters is the least start of a sliding window that holds a row at u, which is on the
// grid, and ends behind the watermark w: that the row is on time for. It is After(u)
// or more if there is none.
func (s Spec) Enters(u, w int64) int64 {
	own := s.Own(u)
	if w < u+s.Every {
		return own
	}
	least := Sub(w, s.Size) // starts are above it
	return max(own, Add(least-floorMod(least, s.Every), s.Every))
}

// ByRows tells whether the rows of a key make its windows, so that rows which are left
// out change which there are.
func (s Spec) ByRows() bool { return s.Kind == Session || s.Kind == Sliding || s.Numbered() }
