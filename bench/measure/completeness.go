package measure

import (
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
