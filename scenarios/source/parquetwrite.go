package source

import (
	"encoding/binary"
	"io"

	"github.com/parquet-go/parquet-go"

	"parallax/engine/flow/column"
)

// orderedGroup is a Parquet group that keeps its columns in the table's order.
type orderedGroup struct {
	parquet.Group
	names []string
}

// Fields lists the columns in order.
func (g orderedGroup) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(g.names))
	for i, name := range g.names {
		fields[i] = byName[name]
	}
	return fields
}

func parquetNode(t column.Type) parquet.Node {
	switch t.Kind {
	case column.Bool:
		return parquet.Leaf(parquet.BooleanType)
	case column.Int64:
		return parquet.Int(64)
	case column.Float64:
		return parquet.Leaf(parquet.DoubleType)
	case column.Decimal128:
		return parquet.Decimal(int(t.Scale), int(t.Precision), parquet.FixedLenByteArrayType(16))
	case column.Timestamp:
		return parquet.Timestamp(parquet.Microsecond)
	}
	return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
}

// WriteParquet writes rows of columns as a Parquet file that Scan reads back: a row
// group for every 65,536 rows, all columns optional. The bytes are a function of
// the rows alone: CreatedBy is fixed, or the file would tell which build wrote it.
func WriteParquet(w io.Writer, schema column.Schema, columns []column.Column, count int) error {
	group := orderedGroup{Group: parquet.Group{}, names: schema.Names()}
	for _, f := range schema {
		group.Group[f.Name] = parquet.Optional(parquetNode(f.Type))
	}
	out := parquet.NewGenericWriter[any](w, parquet.NewSchema("results", group),
		parquet.CreatedBy("parallax", "1", "results"), parquet.Compression(&parquet.Snappy))
	const groupRows, batchRows = 1 << 16, 1 << 10
	rows := make([]parquet.Row, 0, batchRows)
	for i := 0; i < count; i++ {
		row := make(parquet.Row, len(columns))
		for c := range columns {
			row[c] = parquetValue(columns[c].Value(i), c)
		}
		rows = append(rows, row)
		if len(rows) == batchRows || i == count-1 {
			if _, err := out.WriteRows(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
		if (i+1)%groupRows == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
	return out.Close()
}

func parquetValue(v column.Value, c int) parquet.Value {
	if v.Null {
		return parquet.NullValue().Level(0, 0, c)
	}
	var p parquet.Value
	switch v.Type.Kind {
	case column.Bool:
		p = parquet.BooleanValue(v.Bool)
	case column.Int64, column.Timestamp:
		p = parquet.Int64Value(v.Int)
	case column.Float64:
		p = parquet.DoubleValue(v.Float)
	case column.Decimal128:
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], uint64(v.Decimal.Hi))
		binary.BigEndian.PutUint64(b[8:], v.Decimal.Lo)
		p = parquet.FixedLenByteArrayValue(b[:])
	default:
		p = parquet.ByteArrayValue([]byte(v.String))
	}
	return p.Level(0, 1, c)
}
