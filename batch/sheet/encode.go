package sheet

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go"

	"parallax/engine/flow/column"
)

// Sizes of what a file is made of. Readers hold a page of each column that they read.
const (
	groupRowsMax = 1 << 20
	pageBytes    = 256 << 10
	writeRows    = 1024 // that are boxed at a time
)

// Encode is a file of so many rows. columns has one column for each field, of its
// type.
func Encode(fields []Field, columns []column.Column, rows int, properties ...Property) ([]byte, error) {
	schema, err := schemaOf(fields)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	options := []parquet.WriterOption{
		schema, parquet.CreatedBy("parallax", "1", "0"), parquet.PageBufferSize(pageBytes), parquet.DataPageVersion(2),
	}
	for _, p := range properties {
		options = append(options, parquet.KeyValueMetadata(p.Key, p.Value))
	}
	w := parquet.NewWriter(&out, options...)
	for i := range fields {
		if n := columns[i].Len(); n != rows || columns[i].Type != fields[i].Type {
			return nil, fmt.Errorf("sheet: column %q has %d values of %s for %d rows of %s",
				fields[i].Name, n, columns[i].Type, rows, fields[i].Type)
		}
	}
	boxes := make([]parquet.Value, 0, writeRows)
	for from := 0; from < rows; from += groupRowsMax {
		to := min(rows, from+groupRowsMax)
		for i, cw := range w.ColumnWriters() {
			b := boxer{c: &columns[i], index: i, boxes: boxes}
			b.texts()
			for at := from; at < to; at += writeRows {
				if _, err := cw.WriteRowValues(b.box(at, min(to, at+writeRows))); err != nil {
					return nil, fmt.Errorf("sheet: column %q: %w", fields[i].Name, err)
				}
			}
		}
		if err := w.Flush(); err != nil {
			return nil, fmt.Errorf("sheet: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	return out.Bytes(), nil
}

// boxer makes Parquet's values of rows.
type boxer struct {
	c        *column.Column
	index    int // of the column
	boxes    []parquet.Value
	strings  [][]byte // of the dictionary, by code
	decimals []byte   // of the boxes
}

// texts copies the dictionary's strings once.
func (b *boxer) texts() {
	if b.c.Type.Kind != column.String || b.c.Dict == nil {
		return
	}
	b.strings = make([][]byte, b.c.Dict.Len())
	for i, s := range b.c.Dict.Values() {
		b.strings[i] = []byte(s)
	}
}

// box is the values of the rows [from, to), until the next call.
func (b *boxer) box(from, to int) []parquet.Value {
	out := b.boxes[:0]
	b.decimals = b.decimals[:0]
	if b.c.Type.Kind == column.Decimal128 && cap(b.decimals) < writeRows*decimalBytes {
		b.decimals = make([]byte, 0, writeRows*decimalBytes)
	}
	for row := from; row < to; row++ {
		if b.c.IsNull(row) {
			out = append(out, parquet.NullValue().Level(0, 0, b.index))
			continue
		}
		out = append(out, b.value(row).Level(0, 1, b.index))
	}
	return out
}

func (b *boxer) value(row int) parquet.Value {
	switch c := b.c; c.Type.Kind {
	case column.Bool:
		return parquet.BooleanValue(c.Bools[row])
	case column.Float64:
		return parquet.DoubleValue(c.Floats[row])
	case column.Decimal128:
		at := len(b.decimals)
		b.decimals = binary.BigEndian.AppendUint64(b.decimals, uint64(c.Decimals[row].Hi))
		b.decimals = binary.BigEndian.AppendUint64(b.decimals, c.Decimals[row].Lo)
		return parquet.FixedLenByteArrayValue(b.decimals[at:len(b.decimals):len(b.decimals)])
	case column.String:
		return parquet.ByteArrayValue(b.strings[c.Codes[row]])
	default:
		return parquet.Int64Value(c.Ints[row])
	}
}
