package scenarios

import (
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/scenarios/source"
)

// lateSchema is the columns of the list of dropped pairs. A key column whose name
// is taken there gets "key_" before it.
func lateSchema(plan *flow.Plan) column.Schema {
	integer := column.TypeOf(column.Int64)
	schema := column.Schema{
		{Name: "partition", Type: integer},
		{Name: "offset", Type: integer},
		{Name: "event_time_us", Type: integer},
		{Name: "arrival_time_us", Type: integer},
	}
	edges := column.Schema{
		{Name: flow.WindowStart, Type: integer},
		{Name: flow.WindowEnd, Type: integer},
		{Name: "watermark_us", Type: integer},
		{Name: "lateness_us", Type: integer},  // arrival - event time
		{Name: "missed_by_us", Type: integer}, // watermark - window end (per element: - event time - 1); a bound greater by more than this would have sufficed
	}
	if plan.Window.Numbered() { // a dropped row has no number
		edges = edges[2:]
	}
	for _, k := range plan.Keys {
		f := plan.Schema[k]
		for schema.Index(f.Name) >= 0 || edges.Index(f.Name) >= 0 {
			f.Name = "key_" + f.Name
		}
		schema = append(schema, f)
	}
	return append(schema, edges...)
}

// lateRow is a dropped pair; times are microseconds.
type lateRow struct {
	partition            int32
	offset               int64
	event, arrival       int64
	key                  []column.Value
	start, end, judgedBy int64
}

// lateTable lists dropped pairs by partition, offset and window.
func lateTable(plan *flow.Plan, rows []lateRow) *Table {
	slices.SortFunc(rows, func(a, b lateRow) int {
		if a.partition != b.partition {
			return int(a.partition) - int(b.partition)
		}
		if a.offset != b.offset {
			return sign(a.offset, b.offset)
		}
		return sign(a.start, b.start)
	})
	t := newTable(lateSchema(plan))
	row := make([]column.Value, 0, len(t.Schema))
	integer := func(v int64) {
		row = append(row, column.Value{Type: column.TypeOf(column.Int64), Int: v})
	}
	for i := range rows {
		r := &rows[i]
		row = row[:0]
		integer(int64(r.partition))
		integer(r.offset)
		integer(r.event)
		integer(r.arrival)
		row = append(row, r.key...)
		if !plan.Window.Numbered() {
			integer(milliseconds(r.start))
			integer(milliseconds(r.end))
		}
		integer(r.judgedBy)
		integer(r.arrival - r.event)
		if plan.Pipeline.Late.PerElement {
			integer(r.judgedBy - r.event - 1)
		} else {
			integer(r.judgedBy - r.end)
		}
		t.add(row)
	}
	return t
}

// BoundEnough is the least bound of the watermark, rounded up to a millisecond,
// with which no pair would have been dropped; ok is false when nothing was, or
// when the rule for lateness does not follow from the log.
func (r *Results) BoundEnough(job *Job) (bound string, ok bool) {
	if r.Late.Rows == 0 || job.Pipeline.Late.Rule != flow.Log || job.Pipeline.Watermark.Kind == watermark.PerKey {
		return "", false
	}
	missed := r.Late.Columns[r.Late.Schema.Index("missed_by_us")].Ints
	// Dropped iff F - bound >= end + allowed, so the bound must grow by one more
	// than the watermark F - bound lies behind end + allowed.
	need := job.Pipeline.Watermark.Bounded + slices.Max(missed) - job.Pipeline.Late.Allowed + 1
	return flow.FormatDuration((need + 999) / 1000 * 1000), true
}

// RejectTable lists what could not be read.
func RejectTable(rejects []*source.Error) *Table {
	integer, text := column.TypeOf(column.Int64), column.TypeOf(column.String)
	t := newTable(column.Schema{
		{Name: "file", Type: text},
		{Name: "line", Type: integer},
		{Name: "column", Type: integer},
		{Name: "row", Type: integer},
		{Name: "field", Type: text},
		{Name: "lost", Type: integer},
		{Name: "message", Type: text},
	})
	for _, r := range rejects {
		number := func(v int64, known bool) column.Value {
			return column.Value{Type: integer, Int: v, Null: !known}
		}
		t.add([]column.Value{
			{Type: text, String: r.File},
			number(r.Line, r.Line > 0), number(int64(r.Column), r.Column > 0),
			number(r.Row, r.Line == 0),
			{Type: text, String: r.Field},
			number(r.Lost, r.Lost > 0),
			{Type: text, String: r.Msg},
		})
	}
	return t
}

// milliseconds rounds microseconds down.
func milliseconds(us int64) int64 {
	ms := us / 1000
	if us%1000 < 0 {
		ms--
	}
	return ms
}

func sign(a, b int64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}
