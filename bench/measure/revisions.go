package measure

import (
	"math"
	"slices"

	"parallax/engine/flow/column"
)

// Changes is how answers change after the first.
type Changes struct {
	Revisions int64   // answers after a window's first
	Revised   int64   // windows that have any
	PerWindow float64 // revisions, as a mean over the windows that have an answer; NaN without
	// Churn is by how much values change after the first answer, as a mean over these
	// windows, for each aggregate: the sum of the errors that each answer would have if
	// the next were the truth, in units of the truth.
	Churn []float64
}

// Revisions counts and weighs the changes of answers. What is shown again unchanged is
// no change.
func (list Histories) Revisions(aggregates int) Changes {
	c := Changes{PerWindow: math.NaN(), Churn: make([]float64, aggregates)}
	windows := 0
	for i := range list {
		h := &list[i]
		if len(h.Shown) == 0 {
			continue
		}
		windows++
		changes := int64(0)
		for k := 1; k < len(h.Shown); k++ {
			if alike(&h.Shown[k-1], &h.Shown[k]) {
				continue
			}
			changes++
			for a := range c.Churn {
				c.Churn[a] += moved(h, k, a)
			}
		}
		c.Revisions += changes
		if changes > 0 {
			c.Revised++
		}
	}
	for a := range c.Churn {
		c.Churn[a] /= float64(windows)
	}
	if windows > 0 {
		c.PerWindow = float64(c.Revisions) / float64(windows)
	}
	return c
}

func alike(a, b *Showing) bool {
	return a.Rows == b.Rows && slices.EqualFunc(a.Values, b.Values, func(x, y column.Value) bool { return Error(x, y) == 0 })
}

// moved is by how much the k-th answer moves an aggregate, in units of the truth.
func moved(h *History, k, a int) float64 {
	was, is := h.Shown[k-1].Values, h.Shown[k].Values
	if a >= len(was) || a >= len(is) {
		return 1
	}
	if !h.Values[a].Type.Numeric() || was[a].Null || is[a].Null || h.Values[a].Null {
		return Error(was[a], is[a])
	}
	d := math.Abs(number(is[a])-number(was[a])) / max(math.Abs(number(h.Values[a])), 1)
	if math.IsNaN(d) || math.IsInf(d, 0) {
		return Error(was[a], is[a])
	}
	return d
}

// ToFinal is how long behind their ends windows were given their last answer, censored
// ones left out.
func (list Histories) ToFinal() (out []int64) {
	for i := range list {
		if h := &list[i]; len(h.Shown) > 0 && !h.Censored {
			out = append(out, h.last().At-h.End)
		}
	}
	return out
}
