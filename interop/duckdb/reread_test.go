package duckdb

import (
	"database/sql"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the driver

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/batch/manifest"
	"parallax/batch/sheet"
	"parallax/batch/view"
	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/sim"
	"parallax/sim/tape"
)

// openDuck is a DuckDB in memory, of one thread.
func openDuck(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec("SET threads = 1"); err != nil {
		t.Fatal(err)
	}
	return db
}

// pipeline counts and sums rides by city and second. Nothing is late by its watermark, so
// that DuckDB, which knows of none, can be asked for the same.
func pipeline() *flow.Pipeline {
	w := window.Tumble(1_000_000, 0)
	sum := func(name string) expr.CallExpr {
		return expr.CallExpr{Func: "sum", Args: []expr.Expr{&expr.Field{Name: name}}}
	}
	return &flow.Pipeline{Watermark: watermark.Spec{Bounded: 3600 * 1_000_000}, Steps: []flow.Step{
		{KeyBy: []string{"city"}}, {Window: &w}, {Aggregates: []flow.Aggregate{
			{Name: "n", Call: expr.CallExpr{Func: "count"}},
			{Name: "riders", Call: sum("riders")},
			{Name: "fare", Call: sum("fare")},
			{Name: "rate", Call: sum("rate")},
		}},
	}}
}

// built is a folder with the objects of a store behind an archive and a job.
type built struct {
	dir   string
	all   map[string][]byte
	table *manifest.State
	head  *view.Head
}

func build(t testing.TB, seed uint64) *built {
	t.Helper()
	p := pipeline()
	log, err := tape.Draw(tape.Options{Seed: seed, Partitions: 2, Generations: 4, Every: engine.Second, Watermark: p.Watermark})
	if err != nil {
		t.Fatal(err)
	}
	w := sim.New(sim.Options{})
	objects := w.Boot("store", store.Start(store.Options{}), store.Decode)
	broker := w.Boot("log", log.Start(archive.Holder), tape.Decode)
	w.Boot("archiver", archive.Start(archive.Options{
		Log:     tail.Options{Topic: tape.Topic, Partitions: 2, Brokers: []engine.NodeID{broker}},
		Markers: tape.Markers, Schema: tape.Schema, Watermark: p.Watermark, Store: objects, Table: "rides", Code: "v1",
	}), archive.Decode)
	batch := w.Boot("batch", job.Start(job.Options{
		Pipeline: p, Schema: tape.Schema, Partitions: 2, Store: objects, Table: "rides", View: "by-city", Code: "v1", FileRows: 10,
	}), job.Decode)
	if err := w.RunFor(8 * engine.Second); err != nil {
		t.Fatal(err)
	}
	b := &built{dir: t.TempDir(), all: map[string][]byte{}, head: w.Actor(batch).(*job.Job).Head()}
	w.Actor(objects).(*store.Store).Contents(func(name string, data []byte) bool {
		b.all[name] = data
		file := filepath.Join(b.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return true
	})
	if b.table, err = manifest.Table("rides", 0, func(name string) []byte { return b.all[name] }); err != nil {
		t.Fatal(err)
	}
	if len(b.table.Files) == 0 || len(b.head.Files) == 0 || b.head.Marker != 4 {
		t.Fatalf("seed %d: %d files, view %+v", seed, len(b.table.Files), b.head)
	}
	return b
}

// total is the count of a column's values and their sum.
type total struct {
	count int64
	sum   *big.Rat
	float float64
}

// totals reads a column by this engine.
func totals(t *testing.T, name string, content []byte, f manifest.Field) total {
	t.Helper()
	r, err := sheet.Open(name, content, sheet.Sum(content), []sheet.Field{{ID: f.ID, Name: f.Name, Type: f.Type, Binary: f.Name == "_payload"}})
	if err != nil {
		t.Fatal(err)
	}
	out, columns := total{sum: new(big.Rat)}, make([]*column.Column, 1)
	for {
		n, err := r.Next(1000, columns)
		if err == io.EOF {
			out.float, _ = out.sum.Float64()
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		for row := range n {
			v := columns[0].Value(row)
			if v.Null {
				continue
			}
			out.count++
			x := new(big.Rat)
			switch f.Type.Kind {
			case column.Int64, column.Timestamp:
				x.SetInt64(v.Int)
			case column.Float64:
				x.SetFloat64(v.Float)
			case column.Decimal128:
				x.SetString(v.Text())
			case column.String:
				x.SetInt64(int64(len(v.String)))
			}
			out.sum.Add(out.sum, x)
		}
	}
}

// same compares a column with what DuckDB says: counts, integers and decimals are equal,
// floats to 1e-12.
func same(t *testing.T, db *sql.DB, file string, f manifest.Field, want total) {
	t.Helper()
	of := fmt.Sprintf("sum(%q)", f.Name)
	switch f.Type.Kind {
	case column.Timestamp:
		of = fmt.Sprintf("sum(epoch_us(%q))", f.Name)
	case column.String:
		of = fmt.Sprintf("sum(octet_length(CAST(%q AS BLOB)))", f.Name)
	case column.Float64:
		of = fmt.Sprintf("fsum(%q)", f.Name)
	}
	var count int64
	var sum sql.NullString
	query := fmt.Sprintf("SELECT count(%q), CAST(%s AS VARCHAR) FROM read_parquet('%s')", f.Name, of, file)
	if err := db.QueryRow(query).Scan(&count, &sum); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if count != want.count {
		t.Errorf("%s, %s: DuckDB counts %d values, we %d", file, f.Name, count, want.count)
	}
	if !sum.Valid {
		return
	}
	got, ok := new(big.Rat).SetString(sum.String)
	if !ok {
		t.Fatalf("%s: %q", query, sum.String)
	}
	if f.Type.Kind == column.Float64 {
		x, _ := got.Float64()
		if math.Abs(x-want.float) > 1e-12*math.Abs(want.float) {
			t.Errorf("%s, %s: DuckDB sums to %v, we to %v", file, f.Name, x, want.float)
		}
		return
	}
	if got.Cmp(want.sum) != 0 {
		t.Errorf("%s, %s: DuckDB sums to %s, we to %s", file, f.Name, sum.String, want.sum.FloatString(2))
	}
}

// TestDifferentialZone: DuckDB reads every column of every file of an archive as we do.
func TestDifferentialZone(t *testing.T) {
	db := openDuck(t)
	for seed := uint64(1); seed <= 5; seed++ {
		b := build(t, seed)
		for _, f := range b.table.Files {
			for _, field := range b.table.Schemas[f.Schema-1].Fields {
				same(t, db, filepath.Join(b.dir, f.Name), field, totals(t, f.Name, b.all[f.Name], field))
			}
		}
	}
}

// TestDifferentialView: what DuckDB counts and sums over the archive is what the view holds,
// which it reads too.
func TestDifferentialView(t *testing.T) {
	db := openDuck(t)
	for seed := uint64(1); seed <= 5; seed++ {
		b := build(t, seed)
		list := func(names []string) string {
			for i := range names {
				names[i] = "'" + filepath.Join(b.dir, names[i]) + "'"
			}
			return "read_parquet([" + strings.Join(names, ", ") + "])"
		}
		var zones, views []string
		for _, f := range b.table.Files {
			zones = append(zones, f.Name)
		}
		for _, f := range b.head.Files {
			views = append(views, f.Name)
		}
		query := fmt.Sprintf(`
			WITH want AS (
				SELECT city, time_bucket(INTERVAL 1 SECOND, _event) AS s, count(*) AS n, coalesce(sum(riders), 0) AS riders,
					coalesce(sum(fare), 0) AS fare, coalesce(fsum(rate), 0) AS rate
				FROM %s WHERE _reject IS NULL GROUP BY ALL
			), got AS (SELECT city, _start AS s, n, riders, fare, rate FROM %s)
			SELECT count(*), count(*) FILTER (want.n = got.n AND want.riders = got.riders AND want.fare = got.fare
				AND abs(want.rate - got.rate) <= 1e-12 * abs(want.rate))
			FROM want FULL JOIN got ON want.city IS NOT DISTINCT FROM got.city AND want.s = got.s`, list(zones), list(views))
		var rows, equal int64
		if err := db.QueryRow(query).Scan(&rows, &equal); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if rows == 0 || rows != equal || rows != b.head.Rows() {
			t.Errorf("seed %d: %d of %d rows are equal, the view has %d", seed, equal, rows, b.head.Rows())
		}
		t.Logf("seed %d: %d rows of a view from %d files", seed, rows, len(zones))
	}
}
