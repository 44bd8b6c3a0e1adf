package segment_test

import (
	"testing"

	"parallax/engine/flow/column"
	"parallax/engine/flow/segment"
)

// A reader that is reopened for segment after segment reads what new readers do,
// and what it has read before keeps its strings.
func TestDifferentialReopen(t *testing.T) {
	schema := column.Schema{{Name: "s", Type: column.TypeOf(column.String)}, {Name: "n", Type: column.TypeOf(column.Int64)}}
	one := func(id uint64, texts ...string) (segment.Header, []byte) {
		h := segment.Header{ID: id, Partition: int32(id % 3), Schema: schema}
		w, err := segment.NewWriter(h)
		if err != nil {
			t.Fatal(err)
		}
		b := &column.Batch{Schema: schema, Partition: h.Partition, Rows: len(texts), Columns: make([]column.Column, 2)}
		b.Columns[0].Reset(schema[0].Type, &column.Dict{})
		b.Columns[1].Reset(schema[1].Type, nil)
		for i, s := range texts {
			b.Columns[0].Append(column.Value{String: s})
			b.Columns[1].Append(column.Value{Int: int64(i)})
			b.Times, b.Appends = append(b.Times, int64(i)), append(b.Appends, int64(i))
		}
		entry, err := w.Append(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		return h, entry
	}
	var kept *segment.Reader
	var first column.Column
	for id := uint64(1); id < 20; id++ {
		h, entry := one(id, "x", string(rune('a'+id)), "x", "y")
		fresh, err := segment.NewReader(h)
		if err != nil {
			t.Fatal(err)
		}
		if kept == nil {
			kept = fresh
		} else if !kept.Reopen(h) {
			t.Fatalf("segment %d was refused", id)
		}
		var got, want column.Batch
		if err := kept.Decode(entry, &got); err != nil {
			t.Fatal(err)
		}
		again, err := segment.NewReader(h)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Decode(entry, &want); err != nil {
			t.Fatal(err)
		}
		for row := range want.Rows {
			for col := range want.Columns {
				if g, w := got.Columns[col].Value(row), want.Columns[col].Value(row); g != w {
					t.Errorf("segment %d, row %d, column %d: %v, should be %v", id, row, col, g, w)
				}
			}
		}
		if id == 1 {
			first = got.Columns[0]
		} else if s := first.Value(1).String; s != "b" {
			t.Errorf("behind segment %d the first one has %q", id, s)
		}
	}
	other, _ := one(30)
	other.Schema = schema[:1]
	if kept.Reopen(other) {
		t.Error("another schema was taken")
	}
}
