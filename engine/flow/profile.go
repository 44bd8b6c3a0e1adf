package flow

import (
	"math"

	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Profile is the options in which stream engines differ, as one of them has them.
//
//	                       flink      beam       kafka-streams  spark
//	a row is late by       operator   operator   log            operator
//	partitions             the least  the least  own            the greatest
//	the watermark moves    with rows  with rows  with rows      between micro-batches
//	sessions a gap apart   one        two        one            one
//	windows before 1970    exist      exist      do not         exist
//	drops are counted in   rows       pairs      pairs          pairs
//
// In all of them a row is judged for each of its windows, and late data merges sessions
// first and is judged after by the rule "operator"; the allowed lateness, of which Spark
// has none, is counted from a window's end. The watermarks of the first three are the
// same promise in other units: see [FlinkWatermark]; Kafka Streams' "log" is a row's own
// partition's newest row. Spark judges the rows of a micro-batch by the watermark
// that the one before has fired windows by, and fires, behind them, by the one that was
// known when it began. Of its sessions one thing is not so here: Spark judges a late row
// by that row's window alone, before it is merged, so that no open session rescues it.
type Profile struct {
	Name   string
	Rule   Rule
	Merge  window.Merge // of sessions
	Across watermark.Across
	Batch  bool // the watermark moves between micro-batches
	Clamp  bool // windows that begin before 1970 are left out
	Pairs  bool // drops are (row, window) pairs, not rows that lost all their windows
}

// Profiles lists the profiles by name.
func Profiles() []Profile {
	return []Profile{
		{Name: "beam", Rule: Operator, Merge: window.Overlapping, Pairs: true},
		{Name: "flink", Rule: Operator, Merge: window.Touching},
		{Name: "kafka-streams", Rule: Log, Merge: window.Touching, Clamp: true, Pairs: true},
		{Name: "spark", Rule: Operator, Across: watermark.Max, Batch: true, Merge: window.Touching, Pairs: true},
	}
}

// Move is between what the watermark moves, as a job file has it.
func (p Profile) Move() string {
	if p.Batch {
		return "batch"
	}
	return "row"
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
