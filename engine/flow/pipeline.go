package flow

import (
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Pipeline is what to compute from a stream, and what to do about lateness.
type Pipeline struct {
	Watermark watermark.Spec
	// Marker is what the strategy looks at in an input row. Under
	// watermark.Punctuated it is a condition: rows for which it is true carry the
	// frontier. Under watermark.PerKey it is the key. Else it is nil.
	Marker expr.Expr
	Late   Late
	// Steps are (filter | project)* key_by? window trigger? aggregate, and behind that the same
	// again over its results, any number of times, or (filter | project)*. A result is
	// a row whose event time is its window's end less a microsecond, the greatest time
	// that its window holds (the result timestamp of Flink, Window.maxTimestamp, and of
	// Beam, TimestampCombiner.END_OF_WINDOW).
	Steps []Step
	// IdleAfter is how long, in µs of append time, nothing comes from a partition
	// before the least watermark over partitions does without it. 0 means never. It
	// is for the rule "operator": by the rule "log" idleness is written in the log.
	IdleAfter int64
	// AlignDrift is how far, in µs, a partition's watermark may be ahead of the least
	// over partitions before no more is read of it. 0 means any. It is for the rule
	// "operator": by the rule "log" it does not matter which partition is read first.
	AlignDrift int64
	// PartitionBy lists the columns that decide a row's partition; nil if that is
	// not known. It is used to check a watermark that is "across: own".
	PartitionBy []string
	// Functions are aggregate functions that Steps call beside the engine's own.
	Functions aggregate.Set
}

// Step is one step of a pipeline: exactly one field is set.
type Step struct {
	Filter     expr.Expr    // keeps the rows for which it is true
	Project    []Projection // replaces the columns
	KeyBy      []string     // the columns to group by
	Window     *window.Spec
	Trigger    *trigger.Spec // the panes of the window before it
	Aggregates []Aggregate
}

// Projection is a column and how it is computed.
type Projection struct {
	Name string
	Expr expr.Expr
}

// Aggregate is a result column and how it is computed.
type Aggregate struct {
	Name string
	Call expr.CallExpr
}

// Rule says by which watermark a row's lateness is judged.
type Rule uint8

// The rules.
const (
	Log      Rule = iota // the row's own partition's, just before the row: a function of the log
	Operator             // the least over the operator's inputs when the row gets there
)

// String is the rule's name in job files.
func (r Rule) String() string {
	if r == Operator {
		return "operator"
	}
	return "log"
}

// Late is the treatment of late rows. The zero value judges by the log and
// allows nothing.
type Late struct {
	Rule    Rule
	Allowed int64 // how long (µs of event time) behind its end a window takes revisions
	// PerElement tests lateness of the row itself, by its own time, instead of each of
	// its windows, by its end: a row is too late once the watermark has passed it by more
	// than is allowed, though its windows may be open (Bytewax, Numaflow, the sessions of
	// Arroyo). One that is not is too late for none of its windows.
	PerElement bool
}

// Names of the result columns that hold a window's edges, in milliseconds.
const (
	WindowStart = "window_start_ms"
	WindowEnd   = "window_end_ms"
)

// Those of a count window, whose edges are numbers of its key's rows.
const (
	windowStartRow = "window_start_row"
	windowEndRow   = "window_end_row"
)

// Edges is the names of the result columns that hold the edges of windows.
func Edges(w window.Spec) (start, end string) {
	if w.Numbered() {
		return windowStartRow, windowEndRow
	}
	return WindowStart, WindowEnd
}

// Reads lists the columns of the input that the pipeline reads, and perhaps more: a
// name that a projection made is listed too.
func (p *Pipeline) Reads() []string {
	names := expr.Fields(p.Marker, []string{})
	for i := range p.Steps {
		s := &p.Steps[i]
		names = expr.Fields(s.Filter, names)
		for _, c := range s.Project {
			names = expr.Fields(c.Expr, names)
		}
		for _, k := range s.KeyBy {
			names = expr.Fields(&expr.Field{Name: k}, names)
		}
		for _, a := range s.Aggregates {
			for _, arg := range a.Call.Args {
				names = expr.Fields(arg, names)
			}
			names = expr.Fields(a.Call.Where, names)
		}
	}
	return names
}
