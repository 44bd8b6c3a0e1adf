package sheet

import (
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/zeebo/xxh3"

	"parallax/engine/flow/column"
)

// Field is a column of a file.
type Field struct {
	ID   int32 // from 1, unique in a file
	Name string
	Type column.Type
	// Binary says that a String holds bytes rather than text, unlike one another: they
	// are written without a dictionary.
	Binary bool
}

// Property is a text that a file carries beside its columns.
type Property struct{ Key, Value string }

// ErrDamaged is returned for a file that is not what was written.
var ErrDamaged = errors.New("sheet: damaged file")

// Sum is the checksum by which a file is told from a damaged one.
func Sum(content []byte) uint64 { return xxh3.Hash(content) }

// decimalBytes is the length of a decimal: two's complement, big-endian.
const decimalBytes = 16

// codec compresses pages. One goroutine, so that a page has one encoding.
var codec = &zstd.Codec{Level: zstd.SpeedFastest, Concurrency: 1}

// Encodings by what is written. All of them are lossless and the same everywhere.
var (
	deltas  encoding.Encoding = &parquet.DeltaBinaryPacked
	lengths encoding.Encoding = &parquet.DeltaLengthByteArray
	indexes encoding.Encoding = &parquet.RLEDictionary

	booleans = parquet.BooleanType
	doubles  = parquet.DoubleType
	blobs    = parquet.ByteArrayType
	micros   = parquet.Microsecond
)

// node is a field as Parquet has it. All are optional, because all columns are.
func (f *Field) node() (parquet.Node, error) {
	var n parquet.Node
	switch f.Type.Kind {
	case column.Bool:
		n = parquet.Leaf(booleans)
	case column.Int64:
		n = parquet.Encoded(parquet.Int(64), deltas)
	case column.Timestamp:
		n = parquet.Encoded(parquet.Timestamp(micros), deltas)
	case column.Float64:
		n = parquet.Leaf(doubles)
	case column.Decimal128:
		n = parquet.Decimal(int(f.Type.Scale), int(f.Type.Precision), parquet.FixedLenByteArrayType(decimalBytes))
	case column.String:
		if f.Binary {
			n = parquet.Encoded(parquet.Leaf(blobs), lengths)
		} else {
			n = parquet.Encoded(parquet.String(), indexes)
		}
	default:
		return nil, fmt.Errorf("sheet: column %q is of no type: %s", f.Name, f.Type)
	}
	return parquet.FieldID(parquet.Compressed(parquet.Optional(n), codec), int(f.ID)), nil
}

// group is a schema whose fields keep their order; parquet.Group sorts them by name.
type group struct {
	parquet.Group
	fields []parquet.Field
}

// Fields is the columns in order.
func (g group) Fields() []parquet.Field { return g.fields }

func schemaOf(fields []Field) (*parquet.Schema, error) {
	g := group{Group: parquet.Group{}}
	for i := range fields {
		f := &fields[i]
		if f.ID < 1 || f.Name == "" {
			return nil, fmt.Errorf("sheet: column %q has the id %d; a column has a name and an id from 1", f.Name, f.ID)
		}
		if _, twice := g.Group[f.Name]; twice {
			return nil, fmt.Errorf("sheet: two columns are called %q", f.Name)
		}
		node, err := f.node()
		if err != nil {
			return nil, err
		}
		g.Group[f.Name] = node
		g.fields = append(g.fields, parquet.Group{f.Name: node}.Fields()...)
	}
	return parquet.NewSchema("rows", g), nil
}
