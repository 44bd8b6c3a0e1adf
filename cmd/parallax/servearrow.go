package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"parallax/engine/flow/column"
)

// arrowOf is the Arrow type of a column.
func arrowOf(t column.Type) arrow.DataType {
	switch t.Kind {
	case column.Bool:
		return arrow.FixedWidthTypes.Boolean
	case column.Float64:
		return arrow.PrimitiveTypes.Float64
	case column.Decimal128:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	case column.String:
		return arrow.BinaryTypes.String
	case column.Timestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	}
	return arrow.PrimitiveTypes.Int64
}

// writeArrow prints a reply as an Arrow stream of one record batch. What it says of itself
// is in the schema's metadata, as JSON under "parallax".
func writeArrow(w io.Writer, r *reply) error {
	head, err := json.Marshal(r)
	if err != nil {
		return err
	}
	fields := make([]arrow.Field, len(r.table.Schema))
	for i, f := range r.table.Schema {
		fields[i] = arrow.Field{Name: f.Name, Type: arrowOf(f.Type), Nullable: true}
	}
	meta := arrow.NewMetadata([]string{"parallax"}, []string{string(head)})
	schema := arrow.NewSchema(fields, &meta)
	build := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	defer build.Release()
	for i := range fields {
		for row := range r.table.Rows {
			if err := appendArrow(build.Field(i), r.table.Value(row, i)); err != nil {
				return err
			}
		}
	}
	record := build.NewRecordBatch()
	defer record.Release()
	out := ipc.NewWriter(w, ipc.WithSchema(schema))
	if err := out.Write(record); err != nil {
		return err
	}
	return out.Close()
}

func appendArrow(to array.Builder, v column.Value) error {
	if v.Null {
		to.AppendNull()
		return nil
	}
	switch b := to.(type) {
	case *array.BooleanBuilder:
		b.Append(v.Bool)
	case *array.Float64Builder:
		b.Append(v.Float)
	case *array.Decimal128Builder:
		b.Append(decimal128.New(v.Decimal.Hi, v.Decimal.Lo))
	case *array.StringBuilder:
		b.Append(v.String)
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.Int))
	case *array.Int64Builder:
		b.Append(v.Int)
	default:
		return fmt.Errorf("no Arrow column for %s", v.Type)
	}
	return nil
}
