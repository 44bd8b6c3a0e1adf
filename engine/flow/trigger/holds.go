package trigger

import (
	"cmp"
	"slices"
)

// Holds is what keeps an operator's output watermark behind its input's: results
// that are still to come, each at its timestamp. The formulas are those of Apache
// Beam's prism runner:
//
//	IN  = max(IN,  min(pending, upstream))
//	OUT = max(OUT, min(IN, holds))
//
// A result that is already behind OUT cannot hold it back any more. Its hold moves
// to the time at which its window is forgotten, so that the window is not lost
// sight of.
type Holds struct {
	in, out int64
	held    []hold // ascending
}

type hold struct {
	at     int64
	window int64
}

func (h hold) compare(o hold) int {
	return cmp.Or(cmp.Compare(h.at, o.at), cmp.Compare(h.window, o.window))
}

// NewHolds is an operator's watermarks before the first row, with nothing held.
func NewHolds(none int64) *Holds { return &Holds{in: none, out: none} }

// Advance takes in how far the upstream has come, and the least time of what waits
// to be processed. It returns the output watermark.
func (h *Holds) Advance(upstream, pending int64) int64 {
	h.in = max(h.in, min(pending, upstream))
	return h.Output()
}

// Output is the output watermark.
func (h *Holds) Output() int64 {
	h.out = max(h.out, min(h.in, h.Least()))
	return h.out
}

// Least is the least hold, Never if there is none.
func (h *Holds) Least() int64 {
	if len(h.held) == 0 {
		return Never
	}
	return h.held[0].at
}

// Hold holds a window's result at its timestamp, or, if the output watermark has
// passed that, at the window's end of life. It returns where. Two equal holds are one.
func (h *Holds) Hold(window, timestamp, gone int64) int64 {
	at := hold{timestamp, window}
	if timestamp < h.out {
		at.at = gone
	}
	if i, found := slices.BinarySearchFunc(h.held, at, hold.compare); !found {
		h.held = slices.Insert(h.held, i, at)
	}
	return at.at
}

// Release lets go of a window and returns its least hold, Never if it had none: with
// the earliest timestamp for results, that is its result's.
func (h *Holds) Release(window int64) int64 {
	least := Never
	for _, o := range h.held {
		if o.window == window {
			least = min(least, o.at)
		}
	}
	h.held = slices.DeleteFunc(h.held, func(o hold) bool { return o.window == window })
	return least
}
