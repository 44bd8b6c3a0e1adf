package measure

import "sort"

// Mark is a watermark from an instant on, both µs.
type Mark struct{ At, Watermark int64 }

// Lag is why the watermark of the answers is behind the clock, at one instant. The parts
// add up to all of it.
type Lag struct {
	Source      int64 // the newest event time that has arrived in the slowest partition, behind the clock
	Policy      int64 // what the watermark waits on purpose
	Propagation int64 // from the source to the answers
}

// Lags splits the lag at so many moments spread evenly over [from, to]. source and shown
// are watermarks without policy, that is frontiers, and with it, ascending by instant;
// delay is what the policy waits. Moments at which either is not known yet are left out,
// as are those behind the end of the input.
func Lags(source, shown []Mark, delay, from, to int64, moments int) (out []Lag) {
	at := func(list []Mark, t int64) (int64, bool) {
		n := sort.Search(len(list), func(i int) bool { return list[i].At > t })
		if n == 0 {
			return 0, false
		}
		return list[n-1].Watermark, true
	}
	for i := range moments {
		t := from
		if moments > 1 {
			t += int64(float64(to-from) * float64(i) / float64(moments-1))
		}
		f, known := at(source, t)
		w, told := at(shown, t)
		if !known || !told || w > f { // behind the end of the input
			continue
		}
		out = append(out, Lag{Source: t - f, Policy: delay, Propagation: f - delay - w})
	}
	return out
}
