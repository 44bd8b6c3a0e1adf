package source

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"parallax/engine/flow/column"
)

// mixedRow has every kind of column that is read.
type mixedRow struct {
	Time    int64    `parquet:"time"`
	Small   *int32   `parquet:"small,optional"`
	Count   uint32   `parquet:"count"`
	Ratio   *float64 `parquet:"ratio,optional"`
	Single  float32  `parquet:"single"`
	Flag    *bool    `parquet:"flag,optional"`
	Name    string   `parquet:"name,dict"`
	Plain   *string  `parquet:"plain,optional"`
	Price   int64    `parquet:"price,decimal(3:12)"`
	Created int64    `parquet:"created,timestamp(millisecond)"`
	Day     int32    `parquet:"day,date"`
	Wide    [16]byte `parquet:"wide,decimal(2:38)"`
	Key     *string  `parquet:"key,optional,dict"`
}

func mixedRows(n int) []mixedRow {
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([]mixedRow, n)
	for i := range rows {
		small, ratio, flag, plain := int32(r.IntN(100)-50), r.Float64(), i%3 == 0, "p"+string(rune('a'+i%20))
		rows[i] = mixedRow{
			Time: int64(1000 + i), Count: ^uint32(0) - uint32(i), Single: float32(i) / 4, Name: "n" + string(rune('a'+i%7)),
			Price: int64(i) - 5, Created: int64(i) * 1000, Day: int32(i % 400),
		}
		rows[i].Wide[15] = byte(i) & 0x7f
		if i%2 == 0 {
			for j := range 15 {
				rows[i].Wide[j] = 0xff
			}
			rows[i].Wide[15] |= 0x80
		}
		if i%4 != 0 {
			rows[i].Small, rows[i].Ratio, rows[i].Flag = &small, &ratio, &flag
		}
		if i%5 != 0 {
			rows[i].Plain = &plain
			rows[i].Key = &rows[i].Name
		}
	}
	return rows
}

func writeParquet[T any](t testing.TB, rows []T, options ...parquet.WriterOption) string {
	t.Helper()
	var buf bytes.Buffer
	w := parquet.NewGenericWriter[T](&buf, options...)
	for len(rows) > 0 { // several row groups
		n := min(len(rows), 300)
		if _, err := w.Write(rows[:n]); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		rows = rows[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "rows.parquet", buf.Bytes())
}

func writeFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// collect reads a whole file into boxed rows per partition.
func collect(t testing.TB, spec Spec, need []string) (*File, [][][]column.Value) {
	t.Helper()
	f, err := Scan(spec, need, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([][][]column.Value, len(f.Partitions()))
	err = f.Read(ReadOptions{BatchRows: 100}, func(b *column.Batch) error {
		if b.Offset != int64(len(rows[b.Partition])) {
			t.Fatalf("a batch at offset %d follows %d rows", b.Offset, len(rows[b.Partition]))
		}
		for i := 0; i < b.Rows; i++ {
			row := make([]column.Value, len(b.Columns))
			for c := range b.Columns {
				if b.Columns[c].Len() != b.Rows || b.Columns[c].Null != nil && len(b.Columns[c].Null) != b.Rows {
					t.Fatalf("column %s: %d values and %d nulls for %d rows", b.Schema[c].Name, b.Columns[c].Len(), len(b.Columns[c].Null), b.Rows)
				}
				row[c] = b.Columns[c].Value(i)
			}
			rows[b.Partition] = append(rows[b.Partition], row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, rows
}

// TestDifferentialParquet compares the columnar reader with the library's own
// reader of Go structs, over pages, row groups, dictionaries and nulls.
func TestDifferentialParquet(t *testing.T) {
	rows := mixedRows(1000)
	for _, options := range [][]parquet.WriterOption{
		nil,
		{parquet.PageBufferSize(512), parquet.Compression(&parquet.Zstd)},
		{parquet.DataPageVersion(1), parquet.PageBufferSize(300)},
	} {
		file := writeParquet(t, rows, options...)
		_, got := collect(t, Spec{File: file, EventTime: TimeField{Field: "time", Unit: "ms"}}, nil)
		if len(got) != 1 || len(got[0]) != len(rows) {
			t.Fatalf("%d partitions, %d rows", len(got), len(got[0]))
		}
		for i, r := range rows {
			want := []string{
				column.Value{Type: column.TypeOf(column.Int64), Int: r.Time}.Text(), "", "", "", "", "", r.Name, "", "", "", "", "", "",
			}
			v := got[0][i]
			check := func(c int, want string, null bool) {
				if v[c].Null != null || v[c].Text() != want {
					t.Fatalf("row %d column %d: %q null %v, want %q null %v", i, c, v[c].Text(), v[c].Null, want, null)
				}
			}
			check(0, want[0], false)
			checkOptional(check, 1, r.Small, func(x int32) column.Value { return column.Value{Type: column.TypeOf(column.Int64), Int: int64(x)} })
			check(2, column.Value{Type: column.TypeOf(column.Int64), Int: int64(r.Count)}.Text(), false)
			checkOptional(check, 3, r.Ratio, func(x float64) column.Value { return column.Value{Type: column.TypeOf(column.Float64), Float: x} })
			check(4, column.Value{Type: column.TypeOf(column.Float64), Float: float64(r.Single)}.Text(), false)
			checkOptional(check, 5, r.Flag, func(x bool) column.Value { return column.Value{Type: column.TypeOf(column.Bool), Bool: x} })
			check(6, r.Name, false)
			checkOptional(check, 7, r.Plain, func(x string) column.Value { return column.Value{Type: column.TypeOf(column.String), String: x} })
			check(8, column.DecimalFromInt(r.Price).Text(3), false)
			check(9, column.Value{Type: column.TypeOf(column.Timestamp), Int: r.Created * 1000}.Text(), false)
			check(10, column.Value{Type: column.TypeOf(column.Timestamp), Int: int64(r.Day) * 86400e6}.Text(), false)
			check(11, column.DecimalFromInt(int64(wide(r.Wide))).Text(2), false)
			checkOptional(check, 12, r.Key, func(x string) column.Value { return column.Value{Type: column.TypeOf(column.String), String: x} })
		}
	}
}

func wide(b [16]byte) int8 { return int8(b[15]) }

func checkOptional[T any](check func(int, string, bool), c int, x *T, value func(T) column.Value) {
	if x == nil {
		check(c, "", true)
		return
	}
	check(c, value(*x).Text(), false)
}

// TestVectorParquetDeclared: a declared type is reached by the value's text.
func TestVectorParquetDeclared(t *testing.T) {
	type row struct {
		T string  `parquet:"t"`
		V string  `parquet:"v"`
		N int64   `parquet:"n"`
		F float64 `parquet:"f"`
	}
	file := writeParquet(t, []row{{"2024-01-02 03:04:05", "1.50", 7, 0.1}, {"2024-01-02 03:04:06", "oops", 8, 2}})
	spec := Spec{
		File: file, EventTime: TimeField{Field: "t", Layout: simpleLayout}, SkipBad: true,
		Columns: []column.Field{
			{Name: "v", Type: column.Type{Kind: column.Decimal128, Precision: 10, Scale: 2}},
			{Name: "n", Type: column.TypeOf(column.String)},
			{Name: "f", Type: column.Type{Kind: column.Decimal128, Precision: 10, Scale: 3}},
		},
	}
	f, rows := collect(t, spec, []string{"v", "n", "f"})
	if len(rows[0]) != 1 || rows[0][0][0].Text() != "1.50" || rows[0][0][1].Text() != "7" || rows[0][0][2].Text() != "0.100" {
		t.Errorf("rows = %v", rows)
	}
	if len(f.Rejects()) != 1 || f.Rejects()[0].Row != 1 || f.Rejects()[0].Field != "v" {
		t.Errorf("rejects = %v", f.Rejects())
	}
	start := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC).UnixMicro()
	if err := f.Read(ReadOptions{}, func(b *column.Batch) error {
		if b.Times[0] != start || b.Appends[0] != start {
			t.Errorf("times %v, appends %v", b.Times, b.Appends)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
