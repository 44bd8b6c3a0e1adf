package measure

import (
	"math"
	"sort"

	"parallax/engine/flow/column"
)

// Never is an instant that does not come.
const Never = int64(math.MaxInt64)

// Window is one window of one key as it is in truth: with every row.
type Window struct {
	Start, End int64 // µs of event time
	Rows       int64
	Values     []column.Value // of the job's aggregates

	ranked []*ranked // likewise, of those that take a place among values; the others nil
}

// Showing is what a reader sees of a window from an instant on.
type Showing struct {
	At     int64 // µs
	Rows   int64 // that it holds
	Values []column.Value
}

// History is all that a reader could see of a window, in the order of instants, which
// are different.
type History struct {
	*Window
	Shown []Showing
	// Due is when the policy first permitted an answer; Never if it was only the end of
	// the input that did.
	Due int64
	// Censored windows end so late that, with one of the delays compared, only the end of
	// the input would complete them. What is compared over delays leaves them out.
	Censored bool
}

// Show takes in what is shown from an instant on, which is not before the last.
func (h *History) Show(s Showing) {
	if n := len(h.Shown); n > 0 && h.Shown[n-1].At == s.At {
		h.Shown[n-1] = s
		return
	}
	h.Shown = append(h.Shown, s)
}

// at is what is shown at an instant, nil if nothing is.
func (h *History) at(t int64) *Showing {
	n := sort.Search(len(h.Shown), func(i int) bool { return h.Shown[i].At > t })
	if n == 0 {
		return nil
	}
	return &h.Shown[n-1]
}

// first and last are what is shown first and in the end, nil if nothing ever is.
func (h *History) first() *Showing {
	if len(h.Shown) == 0 {
		return nil
	}
	return &h.Shown[0]
}

func (h *History) last() *Showing {
	if len(h.Shown) == 0 {
		return nil
	}
	return &h.Shown[len(h.Shown)-1]
}

// Histories are the windows of a run.
type Histories []History

// moment chooses one of the things that were shown of a window, or nil.
type moment = func(h *History) *Showing

// First is the first answer.
func First(h *History) *Showing { return h.first() }

// Final is the last one.
func Final(h *History) *Showing { return h.last() }

// Behind is what is shown so many microseconds behind the window's end.
func Behind(us int64) func(h *History) *Showing {
	return func(h *History) *Showing { return h.at(h.End + us) }
}
