package tuple

import (
	"math"

	"parallax/engine/flow/column"
	"parallax/engine/wire"
)

// Append encodes a tuple of values, which identifies a group. Equal tuples have
// equal bytes: every NaN is written alike.
//
//	each: null 1 [bool 1 | integer, timestamp, float 8 | decimal 16 | string 4+n]
func Append(b []byte, values ...column.Value) []byte {
	for i := range values {
		v := &values[i]
		b = wire.AppendBool(b, v.Null)
		if v.Null {
			continue
		}
		switch v.Type.Kind {
		case column.Bool:
			b = wire.AppendBool(b, v.Bool)
		case column.Int64, column.Timestamp:
			b = wire.Order.AppendUint64(b, uint64(v.Int))
		case column.Float64:
			b = wire.Order.AppendUint64(b, floatBits(v.Float))
		case column.Decimal128:
			b = wire.Order.AppendUint64(wire.Order.AppendUint64(b, uint64(v.Decimal.Hi)), v.Decimal.Lo)
		case column.String:
			b = wire.AppendText(b, v.String)
		}
	}
	return b
}

// floatBits is a float's pattern, one for all that are no number.
func floatBits(f float64) uint64 {
	if f != f {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(f)
}

// Decode reads a tuple of the given types.
func Decode(b []byte, types []column.Type) ([]column.Value, error) {
	r := &wire.Reader{Rest: b}
	values := make([]column.Value, len(types))
	for i, t := range types {
		v := column.Value{Type: t, Null: r.Bool()}
		if !v.Null {
			switch t.Kind {
			case column.Bool:
				v.Bool = r.Bool()
			case column.Int64, column.Timestamp:
				v.Int = r.I64()
			case column.Float64:
				v.Float = math.Float64frombits(r.U64())
			case column.Decimal128:
				v.Decimal = column.Decimal{Hi: r.I64(), Lo: r.U64()}
			case column.String:
				v.String = r.Text()
			}
		}
		values[i] = v
	}
	return values, r.End()
}
