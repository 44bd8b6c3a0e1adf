package segment

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"

	"parallax/engine/flow/column"
)

// timeColumns stand before the schema's own: event time, append time.
const timeColumns = 2

// arrowSchema is the schema of an entry's record batch.
func arrowSchema(s column.Schema) *arrow.Schema {
	fields := make([]arrow.Field, 0, timeColumns+len(s))
	fields = append(
		fields,
		arrow.Field{Name: "event_time", Type: arrow.PrimitiveTypes.Int64},
		arrow.Field{Name: "append_time", Type: arrow.PrimitiveTypes.Int64},
	)
	for _, f := range s {
		fields = append(fields, arrow.Field{Name: f.Name, Type: arrowType(f.Type), Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

// arrowType is the physical type of a column.
func arrowType(t column.Type) arrow.DataType {
	switch t.Kind {
	case column.Bool:
		return arrow.FixedWidthTypes.Boolean
	case column.Float64:
		return arrow.PrimitiveTypes.Float64
	case column.Decimal128:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	case column.String:
		return arrow.PrimitiveTypes.Uint32
	}
	return arrow.PrimitiveTypes.Int64
}

// packBits appends one bit per row, set where row[i] == want, padded to 8 bytes;
// set counts them.
func packBits(b []byte, rows []bool, want bool) (packed []byte, set int) {
	for len(rows) > 0 {
		n := min(64, len(rows))
		word := uint64(0)
		for i, v := range rows[:n] {
			if v == want {
				word |= 1 << i
			}
		}
		set += bits.OnesCount64(word)
		for i := 0; i < 64; i += 8 {
			b = append(b, byte(word>>i))
		}
		rows = rows[n:]
	}
	return b, set
}

// unpackBits sets out[i] = (bit i of packed == want); packed has enough bits.
func unpackBits(out []bool, packed []byte, want bool) {
	flip := byte(0)
	if !want {
		flip = 0xff
	}
	for i := range out {
		out[i] = (packed[i>>3]^flip)>>(i&7)&1 != 0
	}
}
