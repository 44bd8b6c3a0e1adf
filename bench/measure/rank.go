package measure

import (
	"math"

	"parallax/engine/flow/column"
)

// ranked is the values of a window among which one of its aggregates takes a place, in any
// order: share is 0 for the least, 1 for the greatest, and p for the quantile p.
type ranked struct {
	share  float64
	values []column.Value
}

// Rank says that an aggregate, by its number, takes a place among values of the window: the
// share of them that are less, as a part of one.
func (w *Window) Rank(aggregate int, share float64) {
	for len(w.ranked) <= aggregate {
		w.ranked = append(w.ranked, nil)
	}
	w.ranked[aggregate] = &ranked{share: share}
}

// Among adds one of these values.
func (w *Window) Among(aggregate int, v column.Value) {
	r := w.ranked[aggregate]
	r.values = append(r.values, v)
}

// fault is how far the rank of an answer is from where it should be, as a share of the
// number of values: for the greatest, the share of the values that are greater. An answer
// that is none of the values lies between two of them. It is 1 for an answer that is null,
// and should not be.
func (r *ranked) fault(got column.Value) float64 {
	n := len(r.values)
	if got.Null || n == 0 {
		if got.Null && n == 0 {
			return 0
		}
		return 1
	}
	below, upTo := 0, 0
	for i := range r.values {
		c := order(r.values[i], got)
		if c < 0 {
			below++
		}
		if c <= 0 {
			upTo++
		}
	}
	first, last := below, upTo-1
	if last < first { // between two
		first, last = below-1, below
	}
	want := int(math.Floor(float64(r.share * float64(n-1))))
	return float64(max(first-want, want-last, 0)) / float64(n)
}

// order compares values, numbers also of two types: a quantile is a float64, whatever it is
// of.
func order(a, b column.Value) int {
	if a.Type == b.Type || !a.Type.Numeric() || !b.Type.Numeric() {
		return a.Compare(b)
	}
	return column.CompareFloats(number(a), number(b))
}

// Ranks is the rank errors at a moment, as a mean over windows, for each aggregate; NaN for
// those that take no place among values. A window that is not answered has error 1.
func (list Histories) Ranks(at moment, aggregates int) []float64 {
	out := make([]float64, aggregates)
	for a := range out {
		out[a] = math.NaN()
		for i := range list {
			h := &list[i]
			if len(h.ranked) <= a || h.ranked[a] == nil {
				break
			}
			if i == 0 {
				out[a] = 0
			}
			s := at(h)
			if s == nil || a >= len(s.Values) {
				out[a]++
				continue
			}
			out[a] += h.ranked[a].fault(s.Values[a])
		}
		out[a] /= float64(len(list))
	}
	return out
}
