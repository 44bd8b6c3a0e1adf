package measure

// Level is an amount from an instant (µs) on.
type Level struct {
	At     int64
	Amount int64
}

// Hold follows an amount from its first level until the end, in µs: its mean over that
// time, and the most that it was until then.
func Hold(levels []Level, end int64) (mean float64, peak int64) {
	if len(levels) == 0 {
		return 0, 0
	}
	area := 0.0
	for i, l := range levels {
		until := end
		if i+1 < len(levels) {
			until = min(end, levels[i+1].At)
		}
		if l.At <= end {
			peak = max(peak, l.Amount)
		}
		if until > l.At {
			area += float64(float64(l.Amount) * float64(until-l.At))
		}
	}
	if span := end - levels[0].At; span > 0 {
		return area / float64(span), peak
	}
	return float64(levels[0].Amount), peak
}
