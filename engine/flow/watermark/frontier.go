package watermark

// Stamp walks consecutive rows of one partition whose frontier just before the
// first is frontier. It writes the frontier just before each row to before,
// appends the indexes of rejected rows (see [Spec.Ahead]) to ahead, and returns
// the frontier behind the last row. The three slices have one length; appends
// may be nil when AheadMax is 0.
func (s Spec) Stamp(frontier int64, times, appends, before []int64, ahead []int32) (int64, []int32) {
	before = before[:len(times)]
	if s.AheadMax <= 0 {
		for i, t := range times {
			before[i] = frontier
			frontier = max(frontier, t)
		}
		return frontier, ahead
	}
	appends = appends[:len(times)]
	for i, t := range times {
		before[i] = frontier
		if s.Ahead(t, appends[i]) {
			ahead = append(ahead, int32(i))
			continue
		}
		frontier = max(frontier, t)
	}
	return frontier, ahead
}
