package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"parallax/scenarios"
	"parallax/scenarios/source"
)

// Options shape a demo.
type Options struct {
	Dir  string // is made if it is not there
	Seed uint64
	Rows int // clicks; 0: RowsDefault
}

// The number of clicks of a demo, and the most that its report can draw.
const (
	RowsDefault = 20_000
	RowsMax     = 200_000
)

// Errors of Demo.
var (
	// ErrRows: not a number of clicks that a report can be made of.
	ErrRows = errors.New("bench: number of clicks out of range")
	// ErrEdited: the folder's job was changed and is left alone.
	ErrEdited = errors.New("bench: the job in this folder was edited")
	// ErrCounts: the report's own account of the pairs is not what the engine
	// counted.
	ErrCounts = errors.New("bench: pairs do not add up")
)

// jobFile is the demo's job; times says the same.
const jobFile = `# The job behind this folder. Play with it:
#
#   parallax results job.yaml
#   parallax results job.yaml --set watermark.bounded=30s --late late.csv
#   parallax results job.yaml --set late.rule=operator --summary -
parallax: job/v1
name: demo-clicks
doc: Clicks by page in windows of ten seconds, from phones that go offline.
source:
  file: clicks.csv
  event_time: {field: event_time_ms, unit: ms}
  arrival_time: {field: arrival_time_ms, unit: ms}
  partition_by: [network]
  columns: {amount: "decimal(9,2)"}
watermark: {bounded: 2s}
late: {rule: log, allowed: 10s}
pipeline:
  - key_by: [page]
  - window: {tumble: 10s}
  - aggregate:
      clicks: count()
      phones: distinct(phone)
      bought: count() where amount > 0
      revenue: sum(amount)
`

var times = timing{window: 10_000, bounded: 2_000, allowed: 10_000}

// Demo makes the folder: clicks.csv, job.yaml, results.csv, late.csv,
// summary.json and report.html.
func Demo(o Options) (*Outcome, error) {
	if o.Rows == 0 {
		o.Rows = RowsDefault
	}
	if o.Rows < 1 || o.Rows > RowsMax {
		return nil, fmt.Errorf("%w: %d; from 1 to %d", ErrRows, o.Rows, RowsMax)
	}
	if err := folder(o.Dir, jobFile); err != nil {
		return nil, err
	}
	clicks := makeClicks(o.Seed, o.Rows)
	if err := write(o.Dir, "clicks.csv", appendCSV(nil, clicks)); err != nil {
		return nil, err
	}
	kappa, difference, err := answer(o.Dir)
	if err != nil {
		return nil, err
	}
	pairs := judge(clicks, times)
	if err := agrees(count(pairs), kappa.Summary.Counts); err != nil {
		return nil, err
	}
	out := newOutcome(o, pairs, kappa, difference)
	page, err := out.page(pairs, kappa)
	if err != nil {
		return nil, err
	}
	return out, write(o.Dir, "report.html", page)
}

// folder makes a demo's folder, with its job unless that is there already, edited.
func folder(dir, job string) error {
	file := filepath.Join(dir, "job.yaml")
	if old, err := os.ReadFile(file); err == nil && string(old) != job {
		return fmt.Errorf("%w: %s; name another with --dir", ErrEdited, file)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return write(dir, "job.yaml", []byte(job))
}

func write(dir, name string, data []byte) error {
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// answer runs the folder's job by both paths, keeps what the engine says, and
// names the first of its files that the oracle would have written otherwise.
func answer(dir string) (kappa *scenarios.Results, difference string, err error) {
	job, err := scenarios.Load(filepath.Join(dir, "job.yaml"), nil)
	if err != nil {
		return nil, "", err
	}
	kappa, err = scenarios.Run(job, scenarios.Options{Path: scenarios.Kappa})
	if err != nil {
		return nil, "", err
	}
	oracle, err := scenarios.Run(job, scenarios.Options{Path: scenarios.Oracle})
	if err != nil {
		return nil, "", err
	}
	for _, f := range []struct {
		name string
		text func(r *scenarios.Results, w io.Writer) error
	}{
		{"results.csv", func(r *scenarios.Results, w io.Writer) error { return r.Table.Write(w, source.CSV) }},
		{"late.csv", func(r *scenarios.Results, w io.Writer) error { return r.Late.Write(w, source.CSV) }},
		{"summary.json", func(r *scenarios.Results, w io.Writer) error { return r.Summary.Write(w) }},
	} {
		var a, b bytes.Buffer
		if err := errors.Join(f.text(kappa, &a), f.text(oracle, &b)); err != nil {
			return nil, "", fmt.Errorf("bench: %w", err)
		}
		if difference == "" && !bytes.Equal(a.Bytes(), b.Bytes()) {
			difference = f.name
		}
		if err := write(dir, f.name, a.Bytes()); err != nil {
			return nil, "", err
		}
	}
	return kappa, difference, nil
}

// agrees holds the report's account of the pairs against the engine's.
func agrees(t tally, c scenarios.Counts) error {
	if counted := (tally{c.PairsOnTime, c.PairsRevised, c.PairsDropped}); counted != t {
		return fmt.Errorf("%w: on time, revised, dropped %v here, %v in the summary", ErrCounts, t, counted)
	}
	return nil
}
