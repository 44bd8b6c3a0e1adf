package scenarios

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lambdaOf answers a job by two layers.
func lambdaOf(t testing.TB, job *Job, batch string) *Results {
	t.Helper()
	b, err := ParseBatch(batch, job.Batch)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Run(job, Options{Path: Lambda, Batch: &b, batchRows: 300})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// summaryText is a summary without what only two layers say.
func summaryText(t testing.TB, s Summary) string {
	t.Helper()
	s.Lambda = nil
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestOracleSharedDataLambda: the tables of the recorded data, with batches of several
// lengths, are those of the other paths, counters and dropped rows included; jobs that do
// not add up by replay.
func TestOracleSharedDataLambda(t *testing.T) {
	dir := sharedDir(t)
	ways := map[string]int{}
	for _, c := range sharedJobs {
		header, rows := readTable(t, filepath.Join(dir, c.expected))
		if c.skip != nil {
			rows = slices.DeleteFunc(rows, func(row []string) bool { return c.skip(header, row) })
		}
		job, err := Load("data/"+c.job+".yaml", nil)
		if err != nil {
			t.Fatal(err)
		}
		plain := runFile(t, "data/"+c.job+".yaml", Kappa)
		in, err := job.open(nil)
		if err != nil {
			t.Fatal(err)
		}
		span, err := in.arrivals()
		if err != nil {
			t.Fatal(err)
		}
		for _, periods := range []int64{1, 3, 17} {
			t.Run(fmt.Sprintf("%s/%d", c.job, periods), func(t *testing.T) {
				every := (span.last-span.first)/periods + 1
				out := lambdaOf(t, job, fmt.Sprintf("every=%dus,late=same", every))
				gotHeader, gotRows := out.Table.texts()
				sameSet(t, rowSet(gotHeader, gotRows, header), rowSet(header, rows, header))
				if diff := cmp.Diff(summaryText(t, plain.Summary), summaryText(t, out.Summary)); diff != "" {
					t.Errorf("- kappa, + lambda:\n%s", diff)
				}
				if out.Summary.Lambda.Batches > int(periods)+1 || out.Summary.Lambda.Batches == 0 && periods > 1 {
					t.Errorf("%d batches", out.Summary.Lambda.Batches)
				}
				ways[out.Summary.Lambda.Way]++
			})
		}
	}
	if ways["merge"] == 0 || ways["replay"] == 0 {
		t.Errorf("ways %v", ways)
	}
}

// lateJob has a row that comes too late in the first of two batches, and one in the
// second.
const lateJob = `parallax: job/v1
name: late
source:
  file: late.csv
  event_time: {field: t, unit: s}
  arrival_time: {field: a, unit: s}
  partitions: 1
watermark: {bounded: 2s}
%s
pipeline:
  - key_by: k
  - window: {tumble: 10s}
  - aggregate: {n: count(), s: sum(v)}
`

const lateRows = `t,a,k,v
1,1,x,0.1
14,14,x,0.2
3,16,x,0.3
25,25,x,0.4
12,31,x,0.5
33,33,x,0.6
`

func lateJobOf(t *testing.T, extra string) *Job {
	t.Helper()
	dir := t.TempDir()
	writeText(t, filepath.Join(dir, "late.csv"), lateRows)
	job, err := Parse(filepath.Join(dir, "late.yaml"), fmt.Appendf(nil, lateJob, extra), nil)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// TestVectorLambdaLate: batch every 20 s, so that the cut lies at 20 s of arrival. The
// row at 3 s is repaired by the batch layer if late is complete; the row at 12 s, behind
// the cut, is dropped in any case.
func TestVectorLambdaLate(t *testing.T) {
	for _, c := range []struct{ batch, want string }{
		{"every=20s,late=same", "x 0 1 0.1;x 10000 1 0.2;x 20000 1 0.4;x 30000 1 0.6"},
		{"every=20s,late=complete", "x 0 2 0.4;x 10000 1 0.2;x 20000 1 0.4;x 30000 1 0.6"},
		{"every=32s,late=complete", "x 0 2 0.4;x 10000 2 0.7;x 20000 1 0.4;x 30000 1 0.6"},
	} {
		out := lambdaOf(t, lateJobOf(t, ""), c.batch)
		_, rows := out.Table.texts()
		var got []string
		for _, r := range rows {
			got = append(got, strings.Join([]string{r[0], r[1], r[3], r[4]}, " "))
		}
		if strings.Join(got, ";") != c.want {
			t.Errorf("%s: %s, want %s", c.batch, strings.Join(got, ";"), c.want)
		}
		if out.Late.Rows != 2 || out.Summary.PairsDropped != 2 {
			t.Errorf("%s: %d dropped pairs listed, %d counted", c.batch, out.Late.Rows, out.Summary.PairsDropped)
		}
	}
}

// TestVectorLambdaJob: the job's batch key, and what is refused.
func TestVectorLambdaJob(t *testing.T) {
	job := lateJobOf(t, "batch: {every: 20s, late: same}")
	if job.Batch != (Batch{Every: 20_000_000, Same: true, Said: true}) {
		t.Errorf("batch %+v", job.Batch)
	}
	out, err := Run(job, Options{Path: Lambda})
	if err != nil || out.Summary.Lambda.Late != lateSame || out.Summary.Lambda.Batches != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	for text, want := range map[string]string{
		"every=0s": "not more than 0", "late=never": "late=complete or late=same", "each=3s": "every=30s", "every=x": "every",
	} {
		if _, err := ParseBatch(text, Batch{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := Run(job, Options{Path: Lambda, Panes: true}); err == nil || !strings.Contains(err.Error(), "no panes") {
		t.Errorf("panes: %v", err)
	}
	session := strings.ReplaceAll(lateJob, "tumble: 10s", "session: 10s")
	dir := t.TempDir()
	writeText(t, filepath.Join(dir, "late.csv"), lateRows)
	job, err = Parse(filepath.Join(dir, "late.yaml"), fmt.Appendf(nil, session, ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(job, Options{Path: Lambda, Batch: &Batch{Said: true}}); err == nil || !strings.Contains(err.Error(), "session windows") {
		t.Errorf("late=complete with sessions: %v", err)
	}
	if _, err := Run(job, Options{Path: Lambda}); err != nil {
		t.Errorf("sessions: %v", err)
	}
}

func writeText(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDifferentialAlignedDecimals: a batch that waits for other partitions keeps its
// decimals, nulls and truth values, whatever is read meanwhile.
func TestDifferentialAlignedDecimals(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("t,a,p,d,b\n")
	for i := range 40 {
		d := fmt.Sprintf("%d.5", i)
		if i%3 == 0 {
			d = ""
		}
		fmt.Fprintf(&rows, "%d,%d,x,%s,%v\n", i*50, i, d, i%2 == 0) // far ahead
		fmt.Fprintf(&rows, "%d,%d,y,%d.25,%v\n", i, i, -i, i%5 == 0)
	}
	writeText(t, filepath.Join(dir, "rows.csv"), rows.String())
	const text = `parallax: job/v1
name: aligned
source:
  file: rows.csv
  event_time: {field: t, unit: ms}
  arrival_time: {field: a, unit: ms}
  partition_by: p
  columns: {d: "decimal(12,2)", b: bool}
  align: {drift: 3ms}
watermark: {bounded: 5ms}
late: {rule: operator}
pipeline:
  - window: {tumble: 20ms}
  - aggregate: {n: count(d), s: sum(d), b: count() where b}
`
	job, err := Parse(filepath.Join(dir, "job.yaml"), []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, path := range bothPaths {
		r, err := Run(job, Options{Path: path, batchRows: 1})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, answerBytes(t, r))
	}
	if diff := cmp.Diff(got[1], got[0]); diff != "" {
		t.Errorf("- oracle, + kappa:\n%s", diff)
	}
}
