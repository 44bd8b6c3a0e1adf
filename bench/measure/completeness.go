package measure

import (
	"cmp"
	"math"
	"slices"
)

// Share is a part of a whole: over all (row, window) pairs, and as the mean over
// windows. Both are NaN where there are none.
type Share struct{ Micro, Macro float64 }

// Completeness is the share of the rows that answers hold at a moment. A window that is
// not answered then holds none of its rows. What counts twice does not make up for
// what is missing.
func (list Histories) Completeness(at moment) Share {
	held, all, sum, n := int64(0), int64(0), 0.0, 0
	for i := range list {
		h := &list[i]
		k := held64(h, at)
		held, all = held+k, all+h.Rows
		sum += float64(k) / float64(h.Rows)
		n++
	}
	if n == 0 {
		return Share{math.NaN(), math.NaN()}
	}
	return Share{float64(held) / float64(all), sum / float64(n)}
}

func held64(h *History, at moment) int64 {
	if s := at(h); s != nil {
		return min(s.Rows, h.Rows)
	}
	return 0
}

// Band is how complete the windows are some time behind their ends: the shares that one
// window in twenty, half of them, and all but one in twenty do not exceed.
type Band struct {
	Behind        int64 // µs
	P5, P50, P95  float64
	Micro, Macro  float64
	WithoutAnswer int
}

// Bands follows completeness over time, censored windows left out.
func (list Histories) Bands(behind []int64) []Band {
	var out []Band
	for _, x := range behind {
		b := Band{Behind: x}
		var shares []float64
		held, all, sum := int64(0), int64(0), 0.0
		for i := range list {
			h := &list[i]
			if h.Censored {
				continue
			}
			if h.at(h.End+x) == nil {
				b.WithoutAnswer++
			}
			k := held64(h, Behind(x))
			held, all = held+k, all+h.Rows
			shares = append(shares, float64(k)/float64(h.Rows))
			sum += shares[len(shares)-1]
		}
		if n := len(shares); n > 0 {
			slices.Sort(shares)
			at := func(percent int) float64 { return shares[max(0, (n*percent+99)/100-1)] }
			b.P5, b.P50, b.P95 = at(5), at(50), at(95)
			b.Micro, b.Macro = float64(held)/float64(all), sum/float64(n)
			out = append(out, b)
		}
	}
	return out
}

// Reach is from how long behind the end of its window on answers hold a share of all
// pairs; ok is false if they do not in the end.
func (list Histories) Reach(share float64) (us int64, ok bool) {
	type change struct{ at, rows int64 }
	var changes []change
	all, held := int64(0), int64(0)
	for i := range list {
		h := &list[i]
		all += h.Rows
		before := int64(0)
		for k := range h.Shown {
			now := min(h.Shown[k].Rows, h.Rows)
			changes = append(changes, change{h.Shown[k].At - h.End, now - before})
			held, before = held+now-before, now
		}
	}
	short := func() bool { return float64(held) < share*float64(all) }
	if all == 0 || short() {
		return 0, false
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(b.at, a.at) })
	for _, c := range changes { // backwards, up to what made it enough
		if held -= c.rows; short() {
			return c.at, true
		}
	}
	return changes[len(changes)-1].at, true
}
