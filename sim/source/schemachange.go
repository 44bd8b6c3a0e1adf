package source

import (
	"parallax/engine/flow/column"
	"parallax/sim/fault"
)

// Fault family "schema-change": a source writes rows of other columns than the job was
// made for.
//
// What it does: a row comes in a batch of its own, well written, in which there is a
// column more, the last one is missing, or has another type.
//
// What the code must survive: a batch whose columns do not stand where its programs
// look for them. Its rows are refused, counted and listed with what is different; they
// move no frontier of the job, though brokers know their times. Later rows are read as
// ever.
//
// What it may excuse: nothing.

func (d *deliverer) schemaChange(x *fault.Fault) bool { return d.written(x, OtherColumns) }

// Change makes a row of the schema one of another schema.
func Change(schema column.Schema, values []column.Value, way int64) (column.Schema, []column.Value) {
	n := len(schema)
	changed, row := append(column.Schema{}, schema...), append([]column.Value{}, values...)
	text := column.TypeOf(column.String)
	switch {
	case way == 1 && n > 1:
		return changed[:n-1], row[:n-1]
	case way == 2 && n > 0:
		last := &changed[n-1]
		if last.Type = text; schema[n-1].Type == text {
			last.Type = column.TypeOf(column.Int64)
		}
		row[n-1] = column.Value{Type: last.Type, Null: true}
		return changed, row
	}
	name := "added"
	for changed.Index(name) >= 0 {
		name += "_"
	}
	return append(changed, column.Field{Name: name, Type: text}), append(row, column.Value{Type: text, String: "new"})
}
