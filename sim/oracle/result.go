package oracle

import "parallax/engine/flow/column"

// Result is everything there is to know about a pipeline over a log.
//
// Of sessions, those on time and the final ones are not the same windows: a late
// row may have extended one or joined two. Then the one on time has no final value,
// and the final one none on time. Of sliding windows, late rows make some that have no
// value on time, even where rows on time are in them.
//
// Where there are windows over results, Windows, OnTime and Final are the last
// stage's, and everything else is about the rows of the first.
type Result struct {
	Windows    []Window      // ascending by key, then start; also those that lost all their pairs
	Drops      []Drop        // in the order of the log, a row's windows ascending
	All        Counts        // over all partitions
	Partitions []Counts      // by partition
	Schema     column.Schema // of the view: key columns, window edges (ms), aggregates; or what the steps above make of them
	After      []StageCounts // of each stage over results, in order
	OnTime     [][]column.Value
	Final      [][]column.Value // the view's rows, in the order of Windows
	Panes      []Pane           // if asked for, in the order of Windows, then as they come
}

// StageCounts sums up what reached a stage whose rows are results of the one before,
// and the windows that they are in: of results on time, and of final ones. Those that
// no window holds do not count, and none is ever too late.
type StageCounts struct {
	RowsOnTime, PairsOnTime int64
	Rows, Pairs             int64
}

// Window is what became of one (key, window); of a stage over results, pairs are
// (result, window) pairs: OnTimePairs those of results on time, RevisedPairs those of
// results, on time or final, that are not both.
type Window struct {
	Key          []column.Value
	Start, End   int64          // µs; of count windows numbers of rows
	Last         int64          // of count windows: the event time of the last row, µs
	OnTime       []column.Value // aggregates over the on-time rows; nil if there are none
	Final        []column.Value // and with the revisions; nil if there are none either
	OnTimePairs  int64
	RevisedPairs int64
	DroppedPairs int64
}

// Drop is a (row, window) pair that came too late; of count windows a row, whose window
// would be that of its own microsecond.
type Drop struct {
	Key        []column.Value
	Partition  int32
	Offset     int64
	Time       int64 // event time, µs
	Start, End int64 // µs
	Watermark  int64 // that had passed the end by the allowed lateness or more, µs
}

// Counts sums up. A window counts for a partition when one of its pairs came
// from there, and is incomplete there when one of those was dropped. Of sessions and
// sliding windows, those are counted that the rows would make had none been dropped; a
// row in sliding windows is one pair, by the one that ends at it. Count windows count
// when they are full; rows on time in one that is not are pairs all the same.
type Counts struct {
	Rows                int64 // taken from the log
	RowsAhead           int64 // not taken: too far in the future of their append time
	RowsRefused         int64 // taken, and in no window: an expression has no value for them
	RowsBehindWatermark int64 // behind the filters, with an event time before the watermark
	RowsDropped         int64 // all of whose pairs were dropped, and that had one
	PairsOnTime         int64
	PairsRevised        int64
	PairsDropped        int64
	Windows             int64
	WindowsIncomplete   int64 // that lost a pair
}

func (c *Counts) add(x fate) {
	switch x {
	case onTime:
		c.PairsOnTime++
	case revised:
		c.PairsRevised++
	case dropped:
		c.PairsDropped++
	}
}

func (c *Counts) window(lost bool) {
	c.Windows++
	if lost {
		c.WindowsIncomplete++
	}
}
