package measure

// Area is the area under the error curve: the integral of a window's error over the time
// from its end on, for so long (µs), as a mean over windows, for each aggregate. It is
// the length of time (µs) for which a wholly wrong answer would be as bad. What is not
// answered yet has error 1; censored windows are left out. Without windows it is NaN.
func (list Histories) Area(aggregates int, horizon int64) []float64 {
	out := make([]float64, aggregates)
	n := 0
	for i := range list {
		h := &list[i]
		if h.Censored {
			continue
		}
		n++
		for a := range out {
			out[a] += h.area(a, horizon)
		}
	}
	for a := range out {
		out[a] /= float64(n)
	}
	return out
}

// area is the integral for one aggregate of one window.
func (h *History) area(a int, horizon int64) float64 {
	area, at, err := 0.0, int64(0), 1.0
	for k := range h.Shown {
		s := &h.Shown[k]
		if next := min(max(s.At-h.End, 0), horizon); next > at {
			area += float64(err * float64(next-at))
			at = next
		}
		if err = 1; a < len(s.Values) {
			err = Error(s.Values[a], h.Values[a])
		}
	}
	return area + float64(err*float64(horizon-at))
}
