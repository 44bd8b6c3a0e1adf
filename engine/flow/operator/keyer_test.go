package operator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

// keyTypes are the types that keys may have.
var keyTypes = []column.Type{
	column.TypeOf(column.String), column.TypeOf(column.Int64), column.TypeOf(column.Float64),
	column.TypeOf(column.Bool),
	{Kind: column.Decimal128, Precision: 20, Scale: 2},
	column.TypeOf(column.Timestamp),
}

// keyValue draws one of a few values of a type, nulls and odd floats among them.
func keyValue(rng *rand.Rand, t column.Type) column.Value {
	n := rng.Int64N(5)
	v := column.Value{Type: t, Null: rng.IntN(7) == 0}
	if v.Null {
		return v
	}
	switch t.Kind {
	case column.Bool:
		v.Bool = n%2 == 0
	case column.Float64:
		v.Float = []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), 1.5}[n]
	case column.Decimal128:
		v.Decimal = column.Decimal{Hi: n - 2, Lo: uint64(n) << 62}
	case column.String:
		v.String = []string{"", "a", "b", "null", "a long string that has its own bytes"}[n]
	default:
		v.Int = n - 2
	}
	return v
}

// keyText tells values apart as the Keyer must.
func keyText(values []column.Value) string {
	text := ""
	for _, v := range values {
		text += fmt.Sprintf("|%t %q %t", v.Null, v.Text(), math.Signbit(v.Float) && v.Float == 0)
	}
	return text
}

// TestOracleKeyer: keys of any columns are numbered in the order of their first
// appearance, as a map would have it, however rows are cut into batches and
// filtered; values read back; and a loaded keyer goes on as the saved one.
func TestOracleKeyer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		types := make([]column.Type, rapid.IntRange(0, 4).Draw(t, "columns"))
		for i := range types {
			types[i] = keyTypes[rng.IntN(len(keyTypes))]
		}
		k := NewKeyer(types, 2)
		want := map[string]uint32{}
		var tuples [][]column.Value
		if len(types) == 0 {
			want[""], tuples = 0, [][]column.Value{nil}
		}
		dicts := make([]*column.Dict, 2*len(types))
		for range rapid.IntRange(1, 8).Draw(t, "batches") {
			b, cols := keyBatch(rng, types, dicts)
			out := make([]uint32, b.Rows)
			k.Number(b, cols, out)
			for i := range b.Selected() {
				row := i
				if b.Select != nil {
					row = int(b.Select[i])
				}
				tuple := make([]column.Value, len(types))
				for j := range cols {
					tuple[j] = cols[j].Value(row)
				}
				number, ok := want[keyText(tuple)]
				if !ok {
					number = uint32(len(want))
					want[keyText(tuple)], tuples = number, append(tuples, tuple)
				}
				if out[row] != number {
					t.Fatalf("row %d, %s: key %d, want %d", row, keyText(tuple), out[row], number)
				}
			}
			checkKeys(t, k, types, tuples)
			saved := k.AppendTo(nil)
			k = NewKeyer(types, 2)
			if rest, err := k.Load(saved); err != nil || len(rest) != 0 || string(k.AppendTo(nil)) != string(saved) {
				t.Fatalf("Load(%x): %d bytes left, %v", saved, len(rest), err)
			}
		}
	})
}

// keyBatch draws a batch; a partition's dictionaries sometimes change.
func keyBatch(rng *rand.Rand, types []column.Type, dicts []*column.Dict) (*column.Batch, []*column.Column) {
	b := &column.Batch{Partition: int32(rng.IntN(2)), Rows: rng.IntN(30)}
	if rng.IntN(2) == 0 {
		b.Select = []int32{}
		for row := range b.Rows {
			if rng.IntN(2) == 0 {
				b.Select = append(b.Select, int32(row))
			}
		}
	}
	cols := make([]*column.Column, len(types))
	for i, typ := range types {
		at := int(b.Partition)*len(types) + i
		if dicts[at] == nil || rng.IntN(4) == 0 {
			dicts[at] = new(column.Dict)
		}
		cols[i] = new(column.Column)
		cols[i].Reset(typ, dicts[at])
		for range b.Rows {
			cols[i].Append(keyValue(rng, typ))
		}
	}
	return b, cols
}

func checkKeys(t *rapid.T, k *Keyer, types []column.Type, tuples [][]column.Value) {
	if k.Len() != len(tuples) {
		t.Fatalf("%d keys, want %d", k.Len(), len(tuples))
	}
	var all []uint32
	for key := range tuples {
		all = append(all, uint32(key))
	}
	for i := range types {
		var c column.Column
		k.AppendColumn(all, i, &c)
		for key, tuple := range tuples {
			want := keyText(tuple[i : i+1])
			if got := keyText([]column.Value{k.Value(uint32(key), i)}); got != want {
				t.Fatalf("Value(%d, %d) = %s, want %s", key, i, got, want)
			}
			if got := keyText([]column.Value{c.Value(key)}); got != want {
				t.Fatalf("AppendColumn: key %d, column %d: %s, want %s", key, i, got, want)
			}
		}
	}
}

// TestVectorCollidingHashes: strings with one hash are different keys.
func TestVectorCollidingHashes(t *testing.T) {
	texts := texts{dict: new(column.Dict)}
	for i, s := range []string{"a", "b", "a", "c", "b"} {
		if got, want := texts.number(s, 42), []uint32{0, 1, 0, 2, 1}[i]; got != want {
			t.Errorf("number(%q) = %d, want %d", s, got, want)
		}
	}
}
