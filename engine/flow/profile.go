package flow

import (
	"math"

	"parallax/engine/flow/window"
)

// Profile is the options in which stream engines differ, as one of them has them.
//
//	                       flink       beam         kafka-streams
//	a row is late by       operator    operator     log: its own partition's newest row
//	sessions a gap apart   one         two          one
//	windows before 1970    exist       exist        do not
//	drops are counted in   rows        pairs        pairs
//
// In all three a row is judged for each of its windows, late data merges sessions
// first and is judged after by the rule "operator", and the allowed lateness is
// counted from a window's end. Their watermarks are the same promise in other units:
// see [FlinkWatermark]. Spark is not among them: its watermark moves between
// micro-batches, of which rows of a file know nothing.
type Profile struct {
	Name  string
	Rule  Rule
	Merge window.Merge // of sessions
	Clamp bool         // windows that begin before 1970 are left out
	Pairs bool         // drops are (row, window) pairs, not rows that lost all their windows
}

// Profiles lists the profiles by name.
func Profiles() []Profile {
	return []Profile{
		{Name: "beam", Rule: Operator, Merge: window.Overlapping, Pairs: true},
		{Name: "flink", Rule: Operator, Merge: window.Touching},
		{Name: "kafka-streams", Rule: Log, Merge: window.Touching, Clamp: true, Pairs: true},
	}
}

// FlinkWatermark is what Flink calls the watermark w, which says that no later row is
// before w: Flink's Watermark(t) says that none is at t or before. Beam's input
// watermark is w itself, and so is the stream time of Kafka Streams. Then the three
// drop the same pairs: with m = end - 1 and L allowed, Flink where m + L <= t, Beam
// where m + L < w, Kafka Streams where end <= w - L.
func FlinkWatermark(w int64) int64 {
	if w == math.MinInt64 {
		return w
	}
	return w - 1
}
