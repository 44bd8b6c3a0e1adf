package sheet_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"pgregory.net/rapid"

	"parallax/batch/sheet"
	"parallax/engine/flow/column"
)

// drawn is a file's columns.
type drawn struct {
	fields  []sheet.Field
	columns []column.Column
	rows    int
}

var kinds = []column.Type{
	column.TypeOf(column.Bool), column.TypeOf(column.Int64), column.TypeOf(column.Float64), column.TypeOf(column.Timestamp),
	column.TypeOf(column.String), column.TypeOf(column.Decimal128),
	{Kind: column.Decimal128, Precision: 9, Scale: 2},
}

func draw(t *rapid.T) drawn {
	d := drawn{rows: rapid.SampledFrom([]int{0, 1, 7, 100, 1023, 1024, 1025, 3000}).Draw(t, "rows")}
	for i := range rapid.IntRange(1, 6).Draw(t, "columns") {
		f := sheet.Field{ID: int32(10 - i), Name: fmt.Sprintf("c%d", (i*7)%10), Type: rapid.SampledFrom(kinds).Draw(t, "type")}
		f.Binary = f.Type.Kind == column.String && rapid.Bool().Draw(t, "binary")
		d.fields = append(d.fields, f)
		d.columns = append(d.columns, drawColumn(t, f, d.rows))
	}
	return d
}

// drawColumn fills a column from few drawn values and a seed, which is quick.
func drawColumn(t *rapid.T, f sheet.Field, rows int) column.Column {
	var c column.Column
	c.Reset(f.Type, new(column.Dict))
	nulls := rapid.IntRange(0, 3).Draw(t, "nulls")
	x := rapid.Uint64().Draw(t, "seed")
	floats := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 5e-324, 0.1, math.MaxFloat64}
	for range rows {
		x = x*6364136223846793005 + 1442695040888963407
		v := column.Value{Type: f.Type, Null: int(x>>60)%4 < nulls}
		switch {
		case v.Null:
		case f.Type.Kind == column.Bool:
			v.Bool = x>>40&1 == 1
		case f.Type.Kind == column.Float64:
			if v.Float = floats[x>>40&7]; x>>39&1 == 1 {
				v.Float = math.Float64frombits(x<<3 ^ x>>7)
			}
		case f.Type.Kind == column.Decimal128:
			v.Decimal = column.DecimalFromInt(int64(x>>32) - 1<<30)
			if f.Type.Precision == column.DecimalDigitsMax && x>>31&1 == 1 {
				v.Decimal = column.Decimal{Hi: int64(x) >> 4, Lo: x * 31}
			}
		case f.Type.Kind == column.String:
			v.String = strings.Repeat("é€", int(x>>58)) + fmt.Sprint(x>>50%31)
			if f.Binary {
				v.String = string(binary.BigEndian.AppendUint64(nil, x))[:x>>44%9]
			}
		default:
			if v.Int = int64(x >> 3 % 1000); x>>41&3 == 0 {
				v.Int = int64(x<<5 ^ x>>9)
			}
		}
		c.Append(v)
	}
	return c
}

func (d *drawn) encode(t interface{ Fatal(...any) }) []byte {
	b, err := sheet.Encode(d.fields, d.columns, d.rows, sheet.Property{Key: "of", Value: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// same tells whether two values are the same to the bit.
func same(a, b column.Value) bool {
	if a.Null || b.Null {
		return a.Null == b.Null
	}
	x, y := math.Float64bits(a.Float), math.Float64bits(b.Float)
	a.Float, b.Float = 0, 0
	return a == b && x == y
}

// TestLawRoundTrip: what is read back is what was written, in whatever steps and
// whichever of the columns are asked for.
func TestLawRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		content := d.encode(t)
		var ask []int
		var fields []sheet.Field
		for i, f := range d.fields {
			if rapid.Bool().Draw(t, "ask") {
				f.Name = "renamed" // the id tells
				ask, fields = append(ask, i), append(fields, f)
			}
		}
		fields = append(fields, sheet.Field{ID: 99, Name: "new", Type: column.TypeOf(column.Int64)})
		r, err := sheet.Open("f", content, sheet.Sum(content), fields)
		if err != nil {
			t.Fatal(err)
		}
		if of, ok := r.Property("of"); of != "test" || !ok || r.Rows() != int64(d.rows) {
			t.Fatalf("%d rows of %q", r.Rows(), of)
		}
		columns, at := make([]*column.Column, len(fields)), 0
		for {
			n, err := r.Next(rapid.SampledFrom([]int{1, 100, 1500}).Draw(t, "step"), columns)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for j, i := range ask {
				for row := range n {
					if got, want := columns[j].Value(row), d.columns[i].Value(at+row); !same(got, want) {
						t.Fatalf("%s row %d: %v, want %v", d.fields[i].Name, at+row, got, want)
					}
				}
			}
			for row := range n {
				if !columns[len(ask)].IsNull(row) {
					t.Fatal("a column that is not there has a value")
				}
			}
			at += n
		}
		if at != d.rows {
			t.Fatalf("%d rows, want %d", at, d.rows)
		}
		for range 5 {
			to := rapid.IntRange(0, d.rows).Draw(t, "seek")
			if err := r.GoTo(int64(to)); err != nil {
				t.Fatal(err)
			}
			n, err := r.Next(7, columns)
			if n != min(7, d.rows-to) || err != nil && (err != io.EOF || to < d.rows) {
				t.Fatalf("%d rows behind row %d of %d, %v", n, to, d.rows, err)
			}
			for j, i := range ask {
				for row := range n {
					if got, want := columns[j].Value(row), d.columns[i].Value(to+row); !same(got, want) {
						t.Fatalf("%s row %d: %v, want %v", d.fields[i].Name, to+row, got, want)
					}
				}
			}
		}
	})
}

// TestLawGoTo: in a file of many pages and row groups too, a row is found where it is.
func TestLawGoTo(t *testing.T) {
	const rows = 1<<20 + 70_000
	fields := []sheet.Field{
		{ID: 1, Name: "n", Type: column.TypeOf(column.Int64)},
		{ID: 2, Name: "even", Type: column.TypeOf(column.Bool)},
		{ID: 3, Name: "text", Type: column.TypeOf(column.String), Binary: true},
	}
	columns := make([]column.Column, len(fields))
	for i, f := range fields {
		columns[i].Reset(f.Type, new(column.Dict))
	}
	null := column.Value{Type: fields[1].Type, Null: true}
	for n := range rows {
		columns[0].Ints = append(columns[0].Ints, int64(n)*int64(n))
		if n%3 == 0 {
			columns[1].Append(null)
		} else {
			columns[1].Append(column.Value{Type: fields[1].Type, Bool: n%2 == 0})
		}
		columns[2].Codes = append(columns[2].Codes, columns[2].Dict.Append(fmt.Sprint("row ", n)))
	}
	content, err := sheet.Encode(fields, columns, rows)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sheet.Open("f", content, sheet.Sum(content), fields)
	if err != nil {
		t.Fatal(err)
	}
	read := make([]*column.Column, len(fields))
	for _, to := range []int64{0, 1, 40_000, 700_001, 1<<20 - 1, 1 << 20, 1<<20 + 69_999, 5} {
		if err := r.GoTo(to); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(1, read); err != nil || read[0].Ints[0] != to*to || read[1].IsNull(0) != (to%3 == 0) ||
			to%3 != 0 && read[1].Bools[0] != (to%2 == 0) || read[2].Value(0).String != fmt.Sprint("row ", to) {
			t.Errorf("row %d: %v %v %v, %v", to, read[0].Ints, read[1].Bools, read[2].Value(0), err)
		}
	}
}

// TestLawSameBytes: equal columns make equal bytes, on any number of processors.
func TestLawSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		want := d.encode(t)
		for _, procs := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(procs)
			if !bytes.Equal(d.encode(t), want) {
				t.Fatalf("other bytes on %d processors", procs)
			}
		}
	})
}

// TestDifferentialArrow re-reads files by another implementation.
func TestDifferentialArrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		pf, err := file.NewParquetReader(bytes.NewReader(d.encode(t)))
		if err != nil {
			t.Fatal(err)
		}
		fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{}, memory.NewGoAllocator())
		if err != nil {
			t.Fatal(err)
		}
		table, err := fr.ReadTable(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer table.Release()
		for i, f := range d.fields {
			if name := table.Schema().Field(i).Name; name != f.Name || pf.MetaData().Schema.Column(i).SchemaNode().FieldID() != f.ID {
				t.Fatalf("column %d is %s", i, name)
			}
			row := 0
			for _, chunk := range table.Column(i).Data().Chunks() {
				for j := range chunk.Len() {
					if got, want := arrowValue(f.Type, chunk, j), d.columns[i].Value(row); !same(got, want) {
						t.Fatalf("%s row %d: %v, want %v", f.Name, row, got, want)
					}
					row++
				}
			}
			if row != d.rows {
				t.Fatalf("%s: %d rows, want %d", f.Name, row, d.rows)
			}
		}
	})
}

func arrowValue(t column.Type, a arrow.Array, i int) column.Value {
	v := column.Value{Type: t, Null: a.IsNull(i)}
	if v.Null {
		return v
	}
	switch a := a.(type) {
	case *array.Boolean:
		v.Bool = a.Value(i)
	case *array.Int64:
		v.Int = a.Value(i)
	case *array.Timestamp:
		v.Int = int64(a.Value(i))
	case *array.Float64:
		v.Float = a.Value(i)
	case *array.String:
		v.String = a.Value(i)
	case *array.Binary:
		v.String = string(a.Value(i))
	case *array.Decimal128:
		v.Decimal = column.Decimal{Hi: a.Value(i).HighBits(), Lo: a.Value(i).LowBits()}
	}
	return v
}

// readAll reads every value.
func readAll(name string, content []byte, sum uint64, fields []sheet.Field) error {
	r, err := sheet.Open(name, content, sum, fields)
	if err != nil {
		return err
	}
	columns := make([]*column.Column, len(fields))
	for {
		if _, err := r.Next(1000, columns); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// small is a file of each type, two rows each.
func small(t *testing.T) ([]sheet.Field, []byte) {
	d := drawn{rows: 2}
	for i, typ := range kinds {
		var c column.Column
		c.Reset(typ, new(column.Dict))
		c.Append(column.Value{Type: typ, Bool: true, Int: 7, Float: 0.5, String: "abc", Decimal: column.DecimalFromInt(5)})
		c.Append(column.Value{Type: typ, Null: i%2 == 0})
		d.fields = append(d.fields, sheet.Field{ID: int32(i + 1), Name: fmt.Sprint("c", i), Type: typ})
		d.columns = append(d.columns, c)
	}
	return d.fields, d.encode(t)
}

// TestLawDamage: every torn, truncated and flipped file is refused by its name.
func TestLawDamage(t *testing.T) {
	fields, content := small(t)
	sum := sheet.Sum(content)
	if err := readAll("whole", content, sum, fields); err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(fields)
	other[0].Type = column.TypeOf(column.Int64)
	if err := readAll("whole", content, sum, other); !errors.Is(err, sheet.ErrDamaged) {
		t.Errorf("a bool read as int64: %v", err)
	}
	damage := func(bad []byte) {
		err := readAll("dir/file-17", bad, sum, fields)
		if !errors.Is(err, sheet.ErrDamaged) || !strings.Contains(err.Error(), "dir/file-17") {
			t.Fatalf("%d bytes: %v", len(bad), err)
		}
	}
	for n := range content {
		damage(content[:n])
		damage(append(bytes.Clone(content[:n]), make([]byte, len(content)-n)...))
		for bit := range 8 {
			bad := bytes.Clone(content)
			bad[n] ^= 1 << bit
			damage(bad)
		}
	}
}
