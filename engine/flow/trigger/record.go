package trigger

import "fmt"

// Timing is where a pane stands to the window's end.
type Timing uint8

// The timings.
const (
	Early  Timing = iota // the window is not complete
	OnTime               // the watermark has reached its end: at most one pane
	Late                 // the pane on time, or its place, is past
)

var timingNames = [...]string{"early", "on-time", "late"}

// String is the timing's name.
func (t Timing) String() string {
	if int(t) < len(timingNames) {
		return timingNames[t]
	}
	return fmt.Sprintf("timing(%d)", uint8(t))
}

// Record says which of the panes of its (key, window) a pane is, in the terms of
// Apache Beam's PaneInfo. A pane that takes another back has that one's record,
// but for At.
type Record struct {
	Timing      Timing
	First, Last bool  // no pane came before; none can come after
	Index       int64 // from 0
	OnTimeIndex int64 // not counting early panes, of which it is -1
	Rows        int64 // that no pane had before
	At          int64 // the operator's clock (µs); watermark.None before its first row
}

// Numbering numbers the panes of one (key, window).
type Numbering struct {
	Panes int64 // so far
	Known int64 // of those, that were not early
}

// Next makes the record of the next pane.
func (n *Numbering) Next(timing Timing, last bool, rows, at int64) Record {
	r := Record{Timing: timing, First: n.Panes == 0, Last: last, Index: n.Panes, OnTimeIndex: -1, Rows: rows, At: at}
	n.Panes++
	if timing != Early {
		r.OnTimeIndex = n.Known
		n.Known++
	}
	return r
}
