package simtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/sim/cluster"
	"parallax/sim/story"
)

// Job is a pipeline and its rows. Check runs it as a cluster (brokers, worker, view,
// producer, client), whose view and answers must be exact at every cut; Stream runs it
// step by step.
type Job struct {
	Columns    string // of the rows: "city string, price float64"
	Pipeline   *flow.Pipeline
	Partitions int // 0 means 1
	Rows       []Row
	// Draw makes the rows of a seed, if Rows are not to be the same in every run.
	Draw func(seed uint64) []Row
	// Storm is how long faults strike, Calm how long everything may then take; 0 means
	// as long as rows arrive and 5 s more, and 10 s.
	Storm, Calm time.Duration
}

// Row is a row of a job. At is when it arrives, from the start of the world on; Time is
// its event time, since 1970. Values are a map[string]any or a struct, whose fields are
// columns by their tags `parallax:"name"` or by their names in lower case.
type Row struct {
	At, Time  time.Duration
	Partition int
	Values    any
}

// jobRun is a run of a job.
type jobRun struct {
	story story.Story
}

// Tumbling is the most usual pipeline: rows grouped by columns ("" for one group,
// "a, b" for two), in windows of a size, with a watermark that waits for bounded.
// Aggregates are written as in job files, "total = sum(price)"; functions are those
// among them that are not the engine's.
func Tumbling(t testing.TB, keys string, size, bounded time.Duration, aggregates []string, functions ...Function) *flow.Pipeline {
	t.Helper()
	p := &flow.Pipeline{Watermark: watermark.Spec{Bounded: bounded.Microseconds()}, Functions: functions}
	if keys != "" {
		step := flow.Step{}
		for key := range strings.SplitSeq(keys, ",") {
			step.KeyBy = append(step.KeyBy, strings.TrimSpace(key))
		}
		p.Steps = append(p.Steps, step)
	}
	w := window.Tumble(size.Microseconds(), 0)
	list := flow.Step{Aggregates: []flow.Aggregate{}}
	for _, a := range aggregates {
		name, text, ok := strings.Cut(a, "=")
		if !ok {
			t.Fatalf("simtest: aggregate %q: a name, = and a call were expected, such as total = sum(price)", a)
		}
		call, err := expr.ParseCall(strings.TrimSpace(text))
		if err != nil {
			t.Fatalf("simtest: aggregate %q: %v", a, err)
		}
		list.Aggregates = append(list.Aggregates, flow.Aggregate{Name: strings.TrimSpace(name), Call: call})
	}
	p.Steps = append(p.Steps, flow.Step{Window: &w}, list)
	return p
}

// schema reads Columns.
func (j *Job) schema() (column.Schema, error) {
	var s column.Schema
	for text := range splitColumns(j.Columns) {
		name, kind, ok := strings.Cut(strings.TrimSpace(text), " ")
		if !ok || s.Index(name) >= 0 {
			return nil, fmt.Errorf("columns %q: names of their own with types were expected, such as city string, price float64", j.Columns)
		}
		t, err := column.ParseType(strings.TrimSpace(kind))
		if err != nil {
			return nil, fmt.Errorf("columns: %s: %w", name, err)
		}
		s = append(s, column.Field{Name: name, Type: t})
	}
	return s, nil
}

// splitColumns cuts at the commas that are in no type, as that of decimal(10,2) is.
func splitColumns(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		depth, from := 0, 0
		for i, r := range text {
			switch {
			case r == '(':
				depth++
			case r == ')':
				depth--
			case r == ',' && depth == 0:
				if !yield(text[from:i]) {
					return
				}
				from = i + 1
			}
		}
		yield(text[from:])
	}
}

// plan binds the pipeline.
func (j *Job) plan() (*flow.Plan, error) {
	s, err := j.schema()
	if err != nil {
		return nil, err
	}
	if j.Pipeline == nil {
		return nil, errors.New("a job needs a Pipeline")
	}
	return j.Pipeline.Plan(s)
}

func (j *Job) partitions() int { return max(j.Partitions, 1) }

func (j Job) valid() error {
	if err := j.readable(); err != nil {
		return err
	}
	return cluster.Checkable(j.Pipeline)
}

// readable finds what is wrong with a job however it is run.
func (j *Job) readable() error {
	plan, err := j.plan()
	if err != nil {
		return err
	}
	if (j.Rows == nil) == (j.Draw == nil) {
		return errors.New("a job needs Rows or Draw")
	}
	_, err = j.take(j.Rows, plan.Input)
	return err
}

// take makes rows of the story of rows, in order of arrival.
func (j *Job) take(rows []Row, schema column.Schema) ([]story.Row, error) {
	var list []story.Row
	for i, r := range rows {
		values, err := rowValues(r.Values, schema)
		if err == nil && (r.Partition < 0 || r.Partition >= j.partitions()) {
			err = fmt.Errorf("there is no partition %d of %d", r.Partition, j.partitions())
		}
		if err == nil && r.At < 0 {
			err = fmt.Errorf("it arrives at %v, before the world begins", r.At)
		}
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		list = append(list, story.Row{
			Partition: int32(r.Partition), At: r.At.Microseconds(), Time: r.Time.Microseconds(), Values: values,
		})
	}
	slices.SortStableFunc(list, func(a, b story.Row) int { return cmp.Compare(a.At, b.At) })
	return list, nil
}

// rowsOf are the rows of a seed.
func (j *Job) rowsOf(seed uint64, schema column.Schema) ([]story.Row, error) {
	rows := j.Rows
	if j.Draw != nil {
		rows = j.Draw(seed)
	}
	return j.take(rows, schema)
}

func (j Job) draw(seed uint64, o *Options) *attempt {
	run := &jobRun{}
	a := &attempt{seed: seed, job: run}
	s := &run.story
	s.Pipeline, s.Partitions = j.Pipeline, j.partitions()
	s.Dress(seed)
	s.World = o.World(seed)
	s.Schema, _ = j.schema() // readable has read it
	s.Rows, a.bad = j.rowsOf(seed, s.Schema)
	last := int64(0)
	for i := range s.Rows {
		last = max(last, s.Rows[i].At)
	}
	s.StormNs = orElse(j.Storm, time.Duration(last)*time.Microsecond+5*time.Second)
	s.CalmNs = orElse(j.Calm, 10*time.Second)
	return a
}

func (j Job) play(a *attempt, o *Options) *outcome {
	if a.bad != nil {
		return &outcome{err: a.bad, property: "rows that can be read", says: "the rows of the job can be read", place: "before the run"}
	}
	s := a.job.story
	s.World = a.options(o)
	job, options, err := cluster.Of(&s)
	if err != nil {
		return &outcome{err: err, property: "a job that can be run", says: "the job can be run", place: "before the run"}
	}
	d, err := cluster.Deploy(job, options)
	if err != nil {
		return &outcome{err: err, property: "a job that can be run", says: "the job can be run", place: "before the run"}
	}
	err = d.Play(&s)
	out := judged(d.World, s.World.Start, err, d.Now() > s.World.Start && int64(d.Now()-s.World.Start) >= s.StormNs)
	if err != nil {
		p := cluster.Broken(err)
		out.property, out.says = p.Name, p.Name+": "+p.Says
	}
	return out
}

// row is one line about a row of the run.
func (r *jobRun) row(i int) string {
	row := &r.story.Rows[i]
	var b strings.Builder
	fmt.Fprintf(&b, "at %v, partition %d, event time %v:", micros(row.At), row.Partition, micros(row.Time))
	for c, v := range row.Values {
		fmt.Fprintf(&b, " %s=%s", r.story.Schema[c].Name, shown(v))
	}
	return b.String()
}

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// withRows is the run of these rows alone.
func (a *attempt) withRows(rows []story.Row) *attempt {
	c := *a
	run := *a.job
	run.story.Rows = rows
	c.job = &run
	return &c
}

func (j Job) pack(a *attempt) (*packed, error) {
	s := &a.job.story
	p := &packed{Columns: j.Columns, Storm: s.StormNs, Sizes: s.Sizes}
	for _, r := range s.Rows {
		row := packedRow{At: r.At, Time: r.Time, Partition: r.Partition}
		for _, v := range r.Values {
			var text *string
			if !v.Null {
				t := v.Text()
				text = &t
			}
			row.Values = append(row.Values, text)
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

func (j Job) unpack(p *packed, a *attempt) error {
	if p == nil || p.Columns != j.Columns {
		return errStale
	}
	schema, err := j.schema()
	if err != nil {
		return err
	}
	a.job = &jobRun{story: story.Story{
		Pipeline: j.Pipeline, Schema: schema, Partitions: j.partitions(), Sizes: p.Sizes,
		StormNs: p.Storm, CalmNs: orElse(j.Calm, 10*time.Second),
	}}
	for i, r := range p.Rows {
		row := story.Row{At: r.At, Time: r.Time, Partition: r.Partition}
		if len(r.Values) != len(schema) || int(r.Partition) >= j.partitions() || r.Partition < 0 {
			return fmt.Errorf("row %d: %d values of partition %d do not fit the job", i, len(r.Values), r.Partition)
		}
		for c, text := range r.Values {
			var from any
			if text != nil {
				from = *text
			}
			v, err := parse(from, schema[c].Type)
			if err != nil {
				return fmt.Errorf("row %d, column %s: %w", i, schema[c].Name, err)
			}
			row.Values = append(row.Values, v)
		}
		a.job.story.Rows = append(a.job.story.Rows, row)
	}
	return nil
}
