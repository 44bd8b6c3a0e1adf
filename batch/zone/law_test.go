package zone_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

var input = column.Schema{
	{Name: "city", Type: column.TypeOf(column.String)},
	{Name: "_offset", Type: column.TypeOf(column.Int64)}, // a name that the zone has too
	{Name: "fare", Type: column.Type{Kind: column.Decimal128, Precision: 12, Scale: 2}},
	{Name: "rate", Type: column.TypeOf(column.Float64)},
}

// line is a row as text, with its stamps: what must come back.
func line(b *column.Batch, row int, rejected bool) string {
	s := fmt.Sprint(b.Offset+int64(row), b.Times[row], b.Appends[row], b.Frontiers[row], rejected)
	for i := range b.Columns {
		v := b.Columns[i].Value(row)
		s += fmt.Sprintf(" %q/%v", v.Text(), v.Null)
	}
	return s
}

// story is batches of one partition, with gaps between their offsets, stamped.
func story(rng *rand.Rand, spec watermark.Spec, visit func(b *column.Batch, ahead []int32)) (end int64) {
	dicts := []*column.Dict{{}, {}}
	frontier := column.NoFrontier
	offset, now := int64(rng.IntN(5)), int64(1_000_000)
	for range rng.IntN(20) {
		b := column.Batch{Schema: input, Partition: 3, Offset: offset, Rows: 1 + rng.IntN(9)}
		b.Columns = make([]column.Column, len(input))
		for i, f := range input {
			b.Columns[i].Reset(f.Type, dicts[rng.IntN(2)])
		}
		now += rng.Int64N(100)
		for range b.Rows {
			b.Times = append(b.Times, now+rng.Int64N(400)-300)
			b.Appends = append(b.Appends, now)
			for i, f := range input {
				b.Columns[i].Append(column.Value{
					Type: f.Type, Null: rng.IntN(5) == 0, Int: rng.Int64N(100), Float: rng.Float64(),
					String: fmt.Sprint("c", rng.IntN(20)), Decimal: column.DecimalFromInt(rng.Int64N(1e6) - 5e5),
				})
			}
		}
		b.Frontiers = make([]int64, b.Rows)
		var ahead []int32
		frontier, ahead = spec.Stamp(frontier, b.Times, b.Appends, b.Frontiers, nil)
		visit(&b, ahead)
		offset += int64(b.Rows + rng.IntN(3)*rng.IntN(2))
	}
	return offset
}

// TestLawZone: batches come back as they went in, whatever is asked for of them.
func TestLawZone(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		spec := watermark.Spec{AheadMax: []int64{0, 60}[rng.IntN(2)]}
		schema := zone.Schema(input)
		rows, behind := zone.NewRows(schema), column.NoFrontier
		var want []string
		end := story(rng, spec, func(b *column.Batch, ahead []int32) {
			rows.Append(b, ahead, "too far")
			for row := range b.Rows {
				rejected := slices.Contains(ahead, int32(row))
				want = append(want, line(b, row, rejected))
				if !rejected && b.Frontiers[row] != column.NoFrontier {
					behind = max(behind, b.Frontiers[row]-b.Times[row])
				}
			}
		})
		content, f, err := rows.Encode(3, 0, end)
		if err != nil {
			t.Fatal(err)
		}
		f.Name = "zone/file"
		o := zone.Options{Appends: true, Frontiers: true, BatchRows: 1 + rng.IntN(30)}
		got, most := read(t, f, schema, content, o)
		if !slices.Equal(got, want) || most != behind || f.Rows != int64(len(want)) {
			t.Fatalf("seed %d: behind %d, want %d\n%q\n%q", seed, most, behind, got, want)
		}
		check(t, f, schema, len(want))
		copied := zone.NewRows(schema)
		if err := copied.AppendFile(f, content); err != nil {
			t.Fatal(err)
		}
		again, g, err := copied.Encode(3, 0, end)
		g.Name = f.Name
		if err != nil || !reflect.DeepEqual(f, g) || !bytes.Equal(again, content) {
			t.Fatalf("seed %d: a file that was copied is another: %v\n%+v\n%+v", seed, err, f, g)
		}
	}
}

func read(t *testing.T, f manifest.File, schema *manifest.Schema, content []byte, o zone.Options) (lines []string, behind int64) {
	t.Helper()
	r, err := zone.Open(f, schema, input, content, o)
	if err != nil {
		t.Fatal(err)
	}
	var b column.Batch
	for {
		err := r.Next(&b)
		if err == io.EOF {
			return lines, r.Behind()
		}
		if err != nil {
			t.Fatal(err)
		}
		for row := range b.Rows {
			rejected := b.Select != nil && !slices.Contains(b.Select, int32(row))
			lines = append(lines, line(&b, row, rejected))
		}
	}
}

// check looks at the statistics, which must agree among themselves.
func check(t *testing.T, f manifest.File, schema *manifest.Schema, rows int) {
	t.Helper()
	for i, s := range f.Stats {
		if s.Field != schema.Fields[i].ID || s.Nulls > int64(rows) || rows > 0 && (s.Nulls == int64(rows)) != s.Min.Null {
			t.Fatalf("statistics of %s: %+v", schema.Fields[i].Name, s)
		}
		if !s.Min.Null && !s.Max.Null && s.Min.Compare(s.Max) > 0 {
			t.Fatalf("statistics of %s: %+v", schema.Fields[i].Name, s)
		}
	}
}

// TestVectorSchema: hidden columns keep their ids, and give way to the input's names.
func TestVectorSchema(t *testing.T) {
	s := zone.Schema(input)
	if s.Fields[0].Name != "__offset" || s.Fields[7].Name != "_offset" || s.Fields[7].ID != 17 {
		t.Errorf("%+v", s.Fields)
	}
}

// TestLawNeed: columns that are not asked for are not read, and the others are the same.
func TestLawNeed(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	schema := zone.Schema(input)
	rows := zone.NewRows(schema)
	var cities []string
	end := story(rng, watermark.Spec{}, func(b *column.Batch, _ []int32) {
		rows.Append(b, nil, "")
		for row := range b.Rows {
			cities = append(cities, b.Columns[0].Value(row).Text())
		}
	})
	content, f, err := rows.Encode(3, 0, end)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zone.Open(f, schema, input, content, zone.Options{Need: []bool{true, false, false, false}})
	if err != nil {
		t.Fatal(err)
	}
	var b column.Batch
	for r.Next(&b) == nil {
		for row := range b.Rows {
			if b.Columns[0].Value(row).Text() != cities[0] || b.Frontiers[row] != column.NoFrontier {
				t.Fatalf("%q, want %q", b.Columns[0].Value(row).Text(), cities[0])
			}
			cities = cities[1:]
		}
		if b.Columns[1].Len() != 0 {
			t.Fatal("a column that nobody asked for")
		}
	}
	if len(cities) > 0 {
		t.Errorf("%d rows are missing", len(cities))
	}
}
