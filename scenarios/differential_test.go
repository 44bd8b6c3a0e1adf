package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
	"parallax/scenarios/source"
)

// drawRows makes a CSV of late, sparse and repeated rows in a few partitions.
func drawRows(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("p,k,t,a,n,x,d,s,f\n")
	rows := rapid.IntRange(0, 60).Draw(t, "rows")
	now := int64(rapid.SampledFrom([]int{0, -50, 1_000_000}).Draw(t, "begin"))
	for range rows {
		now += int64(rapid.IntRange(0, 4).Draw(t, "step"))
		late := rapid.SampledFrom([]int64{0, 0, 0, 1, 3, 9, 30, -20}).Draw(t, "late")
		field := func(label string, values ...string) string {
			return rapid.SampledFrom(values).Draw(t, label)
		}
		fmt.Fprintf(&b, "%s,%s,%d,%d,%s,%s,%s,%s,%s\n",
			field("p", "a", "b", "c"), field("k", "x", "y", "", "z z", `"q""u,o"`), now-late, now,
			field("n", "", "0", "1", "-7", "40"), field("x", "", "0.1", "-2.5", "1e300", "-1e300", "NaN", "0.2"),
			field("d", "", "0.01", "-3.50", "123.45"), field("s", "", "u", "v", "ü"), field("f", "true", "false", ""))
	}
	return b.String()
}

// drawJob makes a job over those rows.
func drawJob(t *rapid.T) string {
	pick := func(label string, values ...string) string {
		return rapid.SampledFrom(values).Draw(t, label)
	}
	var b strings.Builder
	b.WriteString("parallax: job/v1\nname: drawn\nsource:\n  file: rows.csv\n  event_time: {field: t, unit: ms}\n")
	b.WriteString(pick("arrival", "", "  arrival_time: {field: a, unit: ms}\n"))
	partition := pick("partition", "", "  partition_by: [p]\n", "  partitions: 3\n", "  partition_by: [p, k]\n")
	b.WriteString(partition)
	rule := pick("rule", "log", "log", "operator")
	idle := rule == "operator" && rapid.Bool().Draw(t, "idle")
	if idle {
		fmt.Fprintf(&b, "  idle: {after: %s}\n", pick("after", "1ms", "7ms", "20ms"))
	}
	b.WriteString("  columns: {n: int64, x: float64, d: \"decimal(12,2)\", s: string, k: string, p: string, f: bool}\n")
	keys := pick("keys", "", "[p, k]", "[k]", "[p]", "[n]", "[f, d]", "[x]")
	across := ""
	if strings.Contains(partition, "[p]") && strings.HasPrefix(keys, "[p") && !idle {
		across = pick("across", "", ", across: own")
	}
	strategy := pick("strategy", "", "", "", "punctuated: f, ", `punctuated: "s in ('u', 'v')", `, "percentile: 0.5, ", "percentile: 0.95, ", "percentile: 1, ", "per_key: k, ", "per_key: n, ")
	bound := pick("bound", "0s", "2ms", "10ms", "1m")
	if strings.HasPrefix(strategy, "per_key") && bound == "0s" {
		bound = "4ms"
	}
	if rule == "operator" && across == "" {
		across = pick("together", "", "", "", ", across: max", ", move: batch, batch: {rows: 3}", ", across: max, move: batch, batch: {every: 9ms}")
	}
	if rule == "operator" && !strings.Contains(across, "own") && rapid.IntRange(0, 3).Draw(t, "completeness") == 0 {
		strategy = "completeness: 0.8, "
	}
	fmt.Fprintf(&b, "watermark: {%sbounded: %s%s%s}\n", strategy, bound, across, pick("ahead", "", ", ahead_max: 15ms"))
	counted := rapid.IntRange(0, 4).Draw(t, "counted") == 0
	allowed := "0s"
	if !counted {
		allowed = pick("allowed", "0s", "4ms", "1m")
	}
	fmt.Fprintf(&b, "late: {rule: %s, allowed: %s%s}\n", rule, allowed, pick("per", "", "", "", ", per: element"))
	b.WriteString("pipeline:\n")
	b.WriteString(pick("filter", "", "  - filter: n > 0\n", "  - filter: f or n is null\n", "  - filter: s in ('u', 'ü')\n"))
	if keys != "" {
		fmt.Fprintf(&b, "  - key_by: %s\n", keys)
	}
	edge := "window_start_ms"
	if counted {
		edge = "window_start_row"
		fmt.Fprintf(&b, "  - window: {count: %s}\n", pick("rows", "1", "2", "3", "7"))
	} else if rapid.IntRange(0, 3).Draw(t, "sliding") == 0 {
		fmt.Fprintf(&b, "  - window: {sliding: %s}\n", pick("difference", "0", "3ms", "10ms", "20ms", "9ms, grain: 3ms"))
	} else if rapid.IntRange(0, 2).Draw(t, "session") == 0 {
		fmt.Fprintf(&b, "  - window: {session: %s%s}\n", pick("gap", "1ms", "4ms", "9ms"), pick("merge", "", ", merge: touching", ", merge: overlapping"))
	} else {
		fmt.Fprintf(&b, "  - window: {%s%s}\n", pick("window", "tumble: 5ms", "hop: 10ms, every: 4ms", "hop: 3ms, every: 10ms", "hop: 12ms, every: 3ms"),
			pick("offset", "", ", offset: 2ms", ", offset: -1ms"))
	}
	b.WriteString("  - aggregate:\n      c: count()\n")
	calls := []string{
		"sum(n)", "sum(x)", "sum(d)", "min(x)", "max(s)", "mean(d)", "variance(n)", "stddev(x)", "first(s)", "last(n)", "distinct(s)",
		"hll(n)", "quantile(n, 0.5)", "topk(s, 2)", "sum(n) where f", "count(x)", "sum(n * d)", "max(t - n)", "count() where s = 'u'",
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "calls") {
		fmt.Fprintf(&b, "      v%d: \"%s\"\n", i, pick("call", calls...))
	}
	b.WriteString(pick("having", "", "  - filter: c > 1\n", "  - project: {c2: c + 1, "+edge+": "+edge+"}\n"))
	return b.String()
}

// answerBytes is everything an answer says, as bytes.
func answerBytes(t testing.TB, r *Results) string {
	t.Helper()
	var b bytes.Buffer
	for _, table := range []*Table{r.Table, r.Late} {
		if err := table.Write(&b, source.JSONL); err != nil {
			t.Fatal(err)
		}
		b.WriteString("--\n")
	}
	summary, err := json.Marshal(&r.Summary)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(summary)
	return b.String()
}

// TestDifferentialPathsCatch: the comparison sees a watermark that is off by one
// millisecond, and windows that are.
func TestDifferentialPathsCatch(t *testing.T) {
	for _, planted := range []string{"watermark.bounded=1ms", "pipeline.0.window.offset=1ms", "late.allowed=1ms"} {
		var b strings.Builder
		b.WriteString("t\n")
		for i := range 40 {
			fmt.Fprintf(&b, "%d\n", i*3-i%7*5)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		text := "parallax: job/v1\nname: planted\nsource: {file: rows.csv, event_time: {field: t, unit: ms}}\n" +
			"watermark: {bounded: 0s}\npipeline:\n  - window: {tumble: 5ms}\n  - aggregate: {c: count()}\n"
		var got []string
		for i, path := range bothPaths {
			job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(text), []string{planted}[:1-i])
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(job, Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, answerBytes(t, r))
		}
		if got[0] == got[1] {
			t.Errorf("%s on one path was not seen", planted)
		}
	}
}

// TestDifferentialPaths: whatever the job and the rows, the engine and the oracle
// give the same bytes; and two layers do where they can.
func TestDifferentialPaths(t *testing.T) {
	dir := t.TempDir()
	answered, ways := 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		rows, text := drawRows(rt), drawJob(rt)
		batch := rapid.SampledFrom([]int{0, 1, 2, 7}).Draw(rt, "batch")
		if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows), 0o600); err != nil {
			rt.Fatal(err)
		}
		job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(text), nil)
		if err != nil {
			rt.Fatalf("%v\n%s", err, text)
		}
		every := rapid.SampledFrom([]int64{1000, 7000, 30_000, 1_000_000}).Draw(rt, "every")
		var got [2]string
		var errs [2]error
		for i, path := range bothPaths {
			var r *Results
			if r, errs[i] = Run(job, Options{Path: path, batchRows: batch}); errs[i] == nil {
				got[i] = answerBytes(t, r)
			}
		}
		if (errs[0] == nil) != (errs[1] == nil) {
			rt.Fatalf("kappa: %v\noracle: %v\n%s\n%s", errs[0], errs[1], text, rows)
		}
		if errs[0] != nil {
			rt.Logf("both fail: %v", errs[0])
			return
		}
		answered++
		if got[0] != got[1] {
			rt.Fatalf("kappa:\n%s\noracle:\n%s\n%s\n%s", got[0], got[1], text, rows)
		}
		r, err := Run(job, Options{Path: Lambda, batchRows: batch, Batch: &Batch{Every: every, Same: true}})
		if err != nil {
			if !strings.Contains(err.Error(), "cannot be answered by two layers") {
				rt.Fatalf("lambda: %v\n%s\n%s", err, text, rows)
			}
			return
		}
		ways[r.Summary.Lambda.Way]++
		r.Summary.Lambda = nil
		if layered := answerBytes(t, r); layered != got[0] {
			rt.Fatalf("kappa:\n%s\nlambda:\n%s\n%s\n%s", got[0], layered, text, rows)
		}
	})
	if ways["merge"] == 0 || ways["replay"] == 0 {
		t.Errorf("ways %v", ways)
	}
	if answered == 0 {
		t.Fatal("no job was answered")
	}
	t.Logf("%d jobs answered", answered)
}

func columnField(name string) column.Field {
	return column.Field{Name: name, Type: column.TypeOf(column.String)}
}

// addBatch appends all rows of a batch.
func (t *Table) addBatch(b *column.Batch) error {
	for c := range t.Columns {
		appendColumn(&t.Columns[c], &b.Columns[c])
	}
	t.Rows += b.Rows
	return nil
}
