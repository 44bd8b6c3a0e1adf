package window

import "math"

// Slice is the half-open interval around t in which no window begins or ends.
// Its edges saturate: the last slice of all also holds the greatest time.
func (s Spec) Slice(t int64) (start, end int64) {
	if s.tiled() {
		start, end, _ = s.tile(t)
		return start, end
	}
	phase := s.phase(t)
	// Windows begin at phase 0 and end at phase Size mod Every.
	cut := s.Size % s.Every
	from, to := int64(0), s.Every
	switch {
	case cut == 0:
	case phase < cut:
		to = cut
	default:
		from = cut
	}
	return Sub(t, phase-from), Add(t, to-phase)
}

// Ends appends to buf the exclusive ends of all windows that contain the slice
// beginning at start (as Slice returned it), ascending. It is empty for a slice
// in a gap.
func (s Spec) Ends(start int64, buf []int64) []int64 {
	from := len(buf)
	buf = s.Assign(start, buf)
	for i := from; i < len(buf); i++ {
		buf[i] = s.End(buf[i])
	}
	return buf
}

// EndRange is the first and the last of Ends, and how many there are.
func (s Spec) EndRange(start int64) (first, last int64, n int) {
	if s.Every <= 0 || !s.inside(start) { // some may not exist
		ends := s.Ends(start, nil)
		if n = len(ends); n == 0 {
			return 0, 0, 0
		}
		return ends[0], ends[n-1], n
	}
	phase := s.phase(start)
	if phase >= s.Size {
		return 0, 0, 0
	}
	more := (s.Size - 1 - phase) / s.Every
	last = start - phase + s.Size
	return last - more*s.Every, last, int(more) + 1
}

// inside tells that all windows of a time have edges that are int64 values, and that
// none is left out; it may say no where it is so.
func (s Spec) inside(t int64) bool {
	const most = math.MaxInt64 / 4
	return s.Size <= most && s.Every <= most && -most <= t && t <= most && (!s.Clamp || t >= s.Size)
}

// FirstEnd is the least of Ends: the first window that a row of time t is
// counted in. ok is false in a gap.
func (s Spec) FirstEnd(t int64) (end int64, ok bool) {
	if s.tiled() {
		_, end, ok = s.tile(t)
		return end, ok
	}
	phase := s.phase(t)
	if phase >= s.Size {
		return 0, false
	}
	back := phase + (s.Size-1-phase)/s.Every*s.Every
	for ; back >= phase; back -= s.Every {
		if start := t - back; start <= t && !(s.Clamp && start < 0) {
			return start + s.Size, start <= math.MaxInt64-s.Size
		}
	}
	return 0, false
}
