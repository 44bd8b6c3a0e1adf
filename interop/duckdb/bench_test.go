package duckdb

import (
	"cmp"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"parallax/batch/job"
	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// The file that is folded: 10 M rows of 1,000 keys over 10,000 minutes, nearly in order.
const (
	benchRows = 10_000_000
	benchKeys = 1000
	minute    = int64(60_000_000)
	spacing   = 10_000 * minute / benchRows
	disorder  = 2_000_000
)

var benchSchema = column.Schema{
	{Name: "key", Type: column.TypeOf(column.String)},
	{Name: "v", Type: column.TypeOf(column.Int64)},
	{Name: "x", Type: column.TypeOf(column.Float64)},
}

// benchFile writes the file into a folder.
func benchFile(b *testing.B) (file string, f manifest.File, schema *manifest.Schema) {
	b.Helper()
	schema = zone.Schema(benchSchema)
	rows := zone.NewRows(schema)
	dict := new(column.Dict)
	for k := range benchKeys {
		dict.Append(fmt.Sprintf("key-%06d", k))
	}
	spec, frontier := watermark.Spec{Bounded: disorder}, column.NoFrontier
	seed := uint64(1)
	const batch = 10_000
	for from := int64(0); from < benchRows; from += batch {
		r := column.Batch{Schema: benchSchema, Offset: from, Rows: batch, Frontiers: make([]int64, batch)}
		r.Columns = []column.Column{{Type: benchSchema[0].Type, Dict: dict}, {Type: benchSchema[1].Type}, {Type: benchSchema[2].Type}}
		for i := range int64(batch) {
			seed = seed*6364136223846793005 + 1442695040888963407
			at := (from + i) * spacing
			r.Times, r.Appends = append(r.Times, max(0, at-int64(seed>>44)%disorder)), append(r.Appends, at)
			r.Columns[0].Codes = append(r.Columns[0].Codes, uint32(seed>>33)%benchKeys)
			r.Columns[1].Ints = append(r.Columns[1].Ints, int64(seed>>50))
			r.Columns[2].Floats = append(r.Columns[2].Floats, float64(seed>>20&0xfffff)/100)
		}
		frontier, _ = spec.Stamp(frontier, r.Times, r.Appends, r.Frontiers, nil)
		rows.Append(&r, nil, "")
	}
	content, f, err := rows.Encode(0, 0, benchRows)
	if err != nil {
		b.Fatal(err)
	}
	f.Name = filepath.Join(b.TempDir(), "rows.parquet")
	if err := os.WriteFile(f.Name, content, 0o600); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d rows in %d MB", f.Rows, f.Bytes>>20)
	return f.Name, f, schema
}

func benchPlan(b *testing.B, windowMinutes int64, sum string) *flow.Plan {
	b.Helper()
	w := window.Tumble(windowMinutes*minute, 0)
	p := &flow.Pipeline{Watermark: watermark.Spec{Bounded: disorder}, Steps: []flow.Step{
		{KeyBy: []string{"key"}}, {Window: &w}, {Aggregates: []flow.Aggregate{
			{Name: "n", Call: expr.CallExpr{Func: "count"}},
			{Name: "s", Call: expr.CallExpr{Func: "sum", Args: []expr.Expr{&expr.Field{Name: sum}}}},
		}},
	}}
	plan, err := p.Plan(benchSchema)
	if err != nil {
		b.Fatal(err)
	}
	return plan
}

// ours folds the file, reading it included, and counts the groups.
func ours(b *testing.B, f manifest.File, schema *manifest.Schema, windowMinutes int64, sum string) (took spent, groups int) {
	plan := benchPlan(b, windowMinutes, sum)
	begin := now(b)
	content, err := os.ReadFile(f.Name)
	if err != nil {
		b.Fatal(err)
	}
	acc, err := fold.New(plan, 1, fold.Options{})
	if err != nil {
		b.Fatal(err)
	}
	need := []bool{true, sum == "v", sum == "x"}
	n, err := job.Fold(acc, f, schema, content, job.Reader{Input: benchSchema, Need: need, Bounded: disorder})
	took = now(b).since(begin)
	if err != nil || n != benchRows {
		b.Fatalf("%d rows, %v", n, err)
	}
	return took, len(acc.Rows(nil))
}

// theirs groups the same file by DuckDB.
func theirs(b *testing.B, db *sql.DB, file string, windowMinutes int64, sum string) (took spent, groups int) {
	query := fmt.Sprintf(`SELECT count(*), sum(n) FROM (SELECT key, epoch_us(_event) // %d AS w, count(*) AS n, sum(%s) AS s
		FROM read_parquet('%s') GROUP BY ALL)`, windowMinutes*minute, sum, file)
	begin := now(b)
	var rows int64
	if err := db.QueryRow(query).Scan(&groups, &rows); err != nil || rows != benchRows {
		b.Fatalf("%s: %d rows, %v", query, rows, err)
	}
	return now(b).since(begin), groups
}

// spent is time by the clock, and of the processors.
type spent struct{ wall, cpu time.Duration }

func now(b *testing.B) spent {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return spent{time.Duration(time.Now().UnixNano()), time.Duration(u.Utime.Nano() + u.Stime.Nano())}
}

func (s spent) since(o spent) spent { return spent{s.wall - o.wall, s.cpu - o.cpu} }

// median is that of the clock's times and of the processors'.
func median(list []spent) spent {
	var m spent
	slices.SortFunc(list, func(a, b spent) int { return cmp.Compare(a.wall, b.wall) })
	m.wall = list[len(list)/2].wall
	slices.SortFunc(list, func(a, b spent) int { return cmp.Compare(a.cpu, b.cpu) })
	m.cpu = list[len(list)/2].cpu
	return m
}

// BenchmarkFold compares the two on one file, one thread each: medians of rounds that
// alternate. On a machine that is shared the processors' times tell more than the clock's.
func BenchmarkFold(b *testing.B) {
	file, f, schema := benchFile(b)
	runtime.GC()
	debug.FreeOSMemory()
	db := openDuck(b)
	for _, c := range []struct {
		name    string
		minutes int64
		sum     string
	}{{"20windows", 500, "v"}, {"10000windows", 1, "v"}, {"20windows-float", 500, "x"}, {"10000windows-float", 1, "x"}} {
		b.Run(c.name, func(b *testing.B) {
			var we, they []spent
			for range b.N {
				took, groups := ours(b, f, schema, c.minutes, c.sum)
				we = append(we, took)
				runtime.GC()
				took, same := theirs(b, db, file, c.minutes, c.sum)
				they = append(they, took)
				if groups != same {
					b.Fatalf("%d groups, DuckDB has %d", groups, same)
				}
				b.ReportMetric(float64(groups), "groups")
			}
			mine, other := median(we), median(they)
			b.ReportMetric(float64(mine.wall.Nanoseconds())/benchRows, "ns/row")
			b.ReportMetric(float64(mine.cpu.Nanoseconds())/benchRows, "cpu-ns/row")
			b.ReportMetric(float64(other.wall.Nanoseconds())/benchRows, "duckdb-ns/row")
			b.ReportMetric(float64(other.cpu.Nanoseconds())/benchRows, "duckdb-cpu-ns/row")
			b.ReportMetric(float64(other.wall)/float64(mine.wall), "times-duckdb")
			b.ReportMetric(float64(other.cpu)/float64(mine.cpu), "times-duckdb-cpu")
			b.ReportMetric(0, "ns/op")
		})
	}
}
