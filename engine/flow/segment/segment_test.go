package segment

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

var kinds = column.Schema{
	{Name: "b", Type: column.Type{Kind: column.Bool}},
	{Name: "i", Type: column.Type{Kind: column.Int64}},
	{Name: "f", Type: column.Type{Kind: column.Float64}},
	{Name: "d", Type: column.Type{Kind: column.Decimal128, Precision: 38, Scale: 4}},
	{Name: "s", Type: column.Type{Kind: column.String}},
	{Name: "t", Type: column.Type{Kind: column.Timestamp}},
	{Name: "", Type: column.Type{Kind: column.String}},
}

// drawBatch makes a batch of the schema with dictionaries of its own.
func drawBatch(rng *rand.Rand, s column.Schema, rows int, offset int64, nulls bool) *column.Batch {
	b := &column.Batch{Schema: s, Partition: 3, Offset: offset, Rows: rows, Columns: make([]column.Column, len(s))}
	b.Times, b.Appends = make([]int64, rows), make([]int64, rows)
	for i := range rows {
		b.Times[i], b.Appends[i] = rng.Int64(), int64(i)
	}
	for i, f := range s {
		c := &b.Columns[i]
		c.Reset(f.Type, new(column.Dict))
		for range rows {
			v := column.Value{
				Type: f.Type, Bool: rng.IntN(2) == 0, Int: int64(rng.Uint64()), Float: rng.NormFloat64(),
				Decimal: column.Decimal{Hi: int64(rng.Uint64()), Lo: rng.Uint64()}, String: fmt.Sprint("k", rng.IntN(40)),
			}
			if nulls && rng.IntN(4) == 0 {
				v = column.Value{Type: f.Type, Null: true}
			}
			c.Append(v)
		}
	}
	return b
}

// boxed is a batch's rows as values, with its times.
func boxed(b *column.Batch) [][]column.Value {
	rows := make([][]column.Value, b.Rows)
	for row := range rows {
		rows[row] = []column.Value{{Int: b.Times[row]}, {Int: b.Appends[row]}}
		for i := range b.Columns {
			rows[row] = append(rows[row], b.Columns[i].Value(row))
		}
	}
	return rows
}

// TestLawRoundTrip: what is written is read, all types, nulls, empty batches,
// several entries, also when entries are skipped or read twice.
func TestLawRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		schema := kinds[:rapid.IntRange(0, len(kinds)).Draw(t, "columns")]
		h := Header{ID: rng.Uint64(), Partition: 3, Schema: schema}
		parsed, rest, err := ParseHeader(append(h.AppendTo(nil), "rest"...))
		if err != nil || string(rest) != "rest" || cmp.Diff(h, parsed, cmpopts.EquateEmpty()) != "" {
			t.Fatalf("header %v read back as %v, %q, %v", h, parsed, rest, err)
		}
		w, errW := NewWriter(h)
		r, errR := NewReader(parsed)
		if errW != nil || errR != nil {
			t.Fatal(errW, errR)
		}
		var got column.Batch
		var seen []byte
		for i, n := range rapid.SliceOfN(rapid.IntRange(0, 70), 1, 6).Draw(t, "rows") {
			in := drawBatch(rng, schema, n, int64(i)*100, rng.IntN(2) == 0)
			entry, err := w.Append(nil, in)
			if err != nil {
				t.Fatal(err)
			}
			if len(seen) > 0 && rng.IntN(3) == 0 {
				if err := r.Skip(seen); err != nil {
					t.Fatal("an entry read before:", err)
				}
			}
			seen = entry
			if rng.IntN(3) == 0 {
				if err := r.Skip(entry); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Decode(entry, &got); err != nil {
				t.Fatal(err)
			}
			if got.Partition != 3 || got.Offset != in.Offset || got.Rows != n || got.Select != nil {
				t.Fatalf("partition %d, offset %d, %d rows", got.Partition, got.Offset, got.Rows)
			}
			if diff := cmp.Diff(boxed(in), boxed(&got)); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// TestVectorForeignEntry plants the defect that a dictionary is used for entries
// of another segment, and sees it refused; entries of the same segment out of
// order too.
func TestVectorForeignEntry(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	schema := kinds[4:5]
	entries := func(id uint64) (list [][]byte) {
		w, err := NewWriter(Header{ID: id, Partition: 3, Schema: schema})
		if err != nil {
			t.Fatal(err)
		}
		for i := range int64(3) {
			e, err := w.Append(nil, drawBatch(rng, schema, 20, 20*i, false))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, e)
		}
		return list
	}
	first, second := entries(1), entries(2)
	r, err := NewReader(Header{ID: 1, Partition: 3, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	var b column.Batch
	for _, step := range []struct {
		name  string
		entry []byte
		want  error
	}{
		{"middle of the segment", first[1], ErrGap},
		{"first", first[0], nil},
		{"first of another segment", second[0], ErrForeign},
		{"second of another segment", second[1], ErrForeign},
		{"last before its predecessor", first[2], ErrGap},
		{"second", first[1], nil},
		{"last", first[2], nil},
		{"first again", first[0], nil},
	} {
		if err := r.Decode(step.entry, &b); !errors.Is(err, step.want) {
			t.Errorf("%s: %v, want %v", step.name, err, step.want)
		}
	}
	// The defect itself: the id, which tells the segments apart, forged.
	forged := append([]byte(nil), second[0]...)
	copy(forged[8:16], first[0][8:16])
	if err := r.Decode(forged, &b); !errors.Is(err, ErrForeign) {
		t.Errorf("an entry of another segment under this one's id: %v", err)
	}
}

// TestVectorErrors: what a writer refuses.
func TestVectorErrors(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	w, err := NewWriter(Header{Partition: 3, Schema: kinds})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		spoil func(b *column.Batch)
	}{
		{"partition", func(b *column.Batch) { b.Partition = 2 }},
		{"selection", func(b *column.Batch) { b.Select = []int32{1} }},
		{"offset", func(b *column.Batch) { b.Offset = -1 }},
		{"columns", func(b *column.Batch) { b.Columns = b.Columns[1:] }},
		{"times", func(b *column.Batch) { b.Times = b.Times[1:] }},
		{"type", func(b *column.Batch) { b.Columns[3].Type.Scale++ }},
		{"rows", func(b *column.Batch) { b.Columns[1].Ints = nil }},
		{"code", func(b *column.Batch) { b.Columns[4].Codes[3] = 1000 }},
	} {
		b := drawBatch(rng, kinds, 10, 0, false)
		c.spoil(b)
		if out, err := w.Append([]byte("log"), b); !errors.Is(err, ErrBatch) || string(out) != "log" {
			t.Errorf("%s: %q, %v", c.name, out, err)
		}
	}
	if _, err := NewWriter(Header{Schema: column.Schema{{Name: "x", Type: column.Type{Kind: 9}}}}); err == nil {
		t.Error("a kind that does not exist is accepted")
	}
}

// TestDifferentialWithin compares the check of codes by pairs with the plain one.
func TestDifferentialWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := rapid.Uint32Range(0, 1<<31-1).Draw(t, "last")
		near := rapid.OneOf(rapid.Uint32Range(0, last), rapid.Just(last), rapid.Just(last+1), rapid.Uint32())
		some := rapid.OneOf(rapid.SliceOfN(rapid.Uint32Range(0, last), 0, 40), rapid.SliceOfN(near, 0, 40))
		codes := some.Draw(t, "codes")
		want := len(codes) == 0 || slices.Max(codes) <= last
		if got := within(codes, last); got != want {
			t.Fatalf("within(%v, %d) = %t", codes, last, got)
		}
	})
}
