package operator

import (
	"testing"

	"parallax/engine/flow/column"
)

// TestVectorNullKey: null is numbered by a word, or a string, that values have
// too; the two stay apart when the index grows.
func TestVectorNullKey(t *testing.T) {
	for _, typ := range []column.Type{column.TypeOf(column.Int64), column.TypeOf(column.String), {Kind: column.Decimal128, Precision: 9}} {
		values := make([]column.Value, 101)
		for i := range values {
			values[i] = column.Value{Type: typ, Int: int64(i), Decimal: column.DecimalFromInt(int64(i)), String: "xyz"[:min(i, 3)] + string(rune('a'+i))}
		}
		values[0] = column.Value{Type: typ, Null: true}
		values[1] = column.Value{Type: typ} // 0 or ''
		k := NewKeyer([]column.Type{typ}, 1)
		for round := range 2 {
			for i, v := range values {
				b := column.Batch{Rows: 1, Schema: column.Schema{{Name: "k", Type: typ}}, Columns: make([]column.Column, 1)}
				b.Columns[0].Type, b.Columns[0].Dict = typ, &column.Dict{}
				b.Columns[0].Append(v)
				var out [1]uint32
				k.Number(&b, []*column.Column{&b.Columns[0]}, out[:])
				if int(out[0]) != i || k.Value(out[0], 0).Compare(v) != 0 {
					t.Errorf("%s, round %d: %q (null %v) is key %d, want %d", typ, round, v.Text(), v.Null, out[0], i)
				}
			}
		}
	}
}
