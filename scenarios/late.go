package scenarios

import (
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
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
		{Name: "missed_by_us", Type: integer}, // watermark - window end; a bound greater by more than this would have sufficed
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
		integer(r.start / 1000)
		integer(r.end / 1000)
		integer(r.judgedBy)
		integer(r.arrival - r.event)
		integer(r.judgedBy - r.end)
		t.add(row)
	}
	return t
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
