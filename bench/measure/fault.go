package measure

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"

	"parallax/engine/flow/column"
)

// Error compares a value O with the truth T: |O - T| / max(|T|, 1) for numbers; for
// lists of items with their weights, as topk makes them, the share of the items of
// either that the other has not (1 - Jaccard); 0 or 1 for anything else. A value that
// is null, and should not be, has error 1.
func Error(got, want column.Value) float64 {
	differs := func(yes bool) float64 {
		if yes {
			return 1
		}
		return 0
	}
	if got.Null || want.Null {
		return differs(got.Null != want.Null)
	}
	if !want.Type.Numeric() {
		if got.Compare(want) == 0 {
			return 0
		}
		if e, ok := apart(got, want); ok {
			return e
		}
		return 1
	}
	g, w := number(got), number(want)
	if math.IsNaN(g) || math.IsNaN(w) || math.IsInf(g, 0) || math.IsInf(w, 0) {
		return differs(g != w && !(math.IsNaN(g) && math.IsNaN(w)))
	}
	return math.Abs(g-w) / max(math.Abs(w), 1)
}

// apart is 1 - Jaccard of two lists of [item, weight] pairs; ok is false for values that
// are none.
func apart(got, want column.Value) (e float64, ok bool) {
	a, ok := items(got)
	if !ok {
		return 0, false
	}
	b, ok := items(want)
	if !ok {
		return 0, false
	}
	both := 0
	for item := range a {
		if b[item] {
			both++
		}
	}
	if all := len(a) + len(b) - both; all > 0 {
		return 1 - float64(both)/float64(all), true
	}
	return 0, true
}

func items(v column.Value) (set map[string]bool, ok bool) {
	if v.Type.Kind != column.String || len(v.String) == 0 || v.String[0] != '[' {
		return nil, false
	}
	var pairs [][2]json.RawMessage
	if json.Unmarshal([]byte(v.String), &pairs) != nil {
		return nil, false
	}
	set = map[string]bool{}
	for _, p := range pairs {
		set[string(p[0])] = true
	}
	return set, true
}

// number is a numeric value as a float64.
func number(v column.Value) float64 {
	switch v.Type.Kind {
	case column.Float64:
		return v.Float
	case column.Decimal128:
		f, _, err := big.ParseFloat(v.Decimal.Text(v.Type.Scale), 10, 200, big.ToNearestEven)
		if err != nil { // a decimal's text is a number
			panic(err)
		}
		x, _ := f.Float64()
		return x
	}
	return float64(v.Int)
}

// Wrong is how far answers are from the truth at a moment: the mean error over all
// windows for each aggregate, and the share of the windows whose every value is exact.
// A window that is not answered has error 1. Without windows all of it is NaN.
type Wrong struct {
	Mean  []float64
	Exact float64
}

// Errors compares what answers say at a moment with the truth.
func (list Histories) Errors(at moment, aggregates int) Wrong {
	w := Wrong{Mean: make([]float64, aggregates)}
	exact := 0
	for i := range list {
		h := &list[i]
		s := at(h)
		sum := 0.0
		for a := range w.Mean {
			e := 1.0
			if s != nil && a < len(s.Values) {
				e = Error(s.Values[a], h.Values[a])
			}
			w.Mean[a] += e
			sum += e
		}
		if sum == 0 && s != nil {
			exact++
		}
	}
	n := float64(len(list))
	for a := range w.Mean {
		w.Mean[a] /= n
	}
	w.Exact = float64(exact) / n
	return w
}

// ErrorCurve is the mean error of one aggregate at so many times behind the ends of
// windows (µs, ascending), censored windows left out; nil without windows.
func (list Histories) ErrorCurve(a int, behind []int64) []float64 {
	steps, n := make([]float64, len(behind)+1), 0
	for i := range list {
		h := &list[i]
		if h.Censored {
			continue
		}
		n++
		before := 1.0
		for k := range h.Shown {
			at, _ := slices.BinarySearch(behind, h.Shown[k].At-h.End)
			now := 1.0
			if values := h.Shown[k].Values; a < len(values) {
				now = Error(values[a], h.Values[a])
			}
			steps[at], before = steps[at]+now-before, now
		}
	}
	if n == 0 {
		return nil
	}
	out, sum := make([]float64, len(behind)), float64(n)
	for i := range out {
		sum += steps[i]
		out[i] = max(0, sum/float64(n))
	}
	return out
}
