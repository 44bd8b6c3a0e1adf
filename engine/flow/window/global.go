package window

// The global window ends some 146,000 years from 1970, at a whole millisecond, in
// which results give edges. It is not the end of the int64 range: the frontier that
// ends the input is, and the watermark that lies a bound behind it, and the allowed
// lateness further on, must still reach the window's end.
const (
	globalEnd   = 1 << 62 / 1000 * 1000
	globalStart = -globalEnd
)

// globalEdges is the global window, or the stretch without windows before or behind
// it in which t lies.
func globalEdges(t int64) (start, end int64, exists bool) {
	switch {
	case t < globalStart:
		return -1 << 63, globalStart, false
	case t >= globalEnd:
		return globalEnd, 1<<63 - 1, false
	}
	return globalStart, globalEnd, true
}
