package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/scenarios/source"
	"parallax/sim/oracle"
)

// The paths by which a job is answered.
const (
	Kappa  = "kappa"  // the engine: log segments of Arrow batches through the operators
	Oracle = "oracle" // every answer computed from scratch
	Lambda = "lambda" // a batch layer's view, and a speed layer's from its cut on
)

// ErrPath is returned for a path that there is not.
var ErrPath = errors.New("scenarios: not a path")

// Options shape a run. The zero value is the kappa path without progress.
type Options struct {
	Path     string
	Progress func(done, total int64) // bytes of the input, which is read twice
	Panes    bool                    // list every pane, in Results.Panes
	Batch    *Batch                  // of the lambda path; nil: the job's

	batchRows int // about so many rows in a batch of the log; 0 is the source's default
}

// Results is what a job answers.
type Results struct {
	Table     *Table // key columns, window edges, aggregates; or what the last steps made of them
	Late      *Table // every (row, window) pair that was dropped
	Panes     *Table // every pane, if they were asked for
	Summary   Summary
	Rejects   []*source.Error // what could not be read
	Overflows int             // results that did not fit their type and are null
}

// Run answers a job. Mistakes in the job are *[Error], those in its data
// *[source.Error].
func Run(job *Job, o Options) (*Results, error) {
	if o.Panes {
		if err := job.checkPanes(); err != nil {
			return nil, err
		}
	}
	in, err := job.open(o.Progress)
	if err != nil {
		return nil, err
	}
	in.pipeline = &job.Pipeline
	if in.panes = o.Panes; in.panes {
		in.pipeline = numbered(in.pipeline)
		if in.plan, err = in.pipeline.Plan(in.plan.Input); err != nil {
			return nil, err
		}
	}
	var out *Results
	switch o.Path {
	case Kappa, "":
		out, err = in.kappa(o.batchRows)
	case Oracle:
		out, err = in.oracle()
	case Lambda:
		out, err = in.lambda(&o)
	default:
		return nil, fmt.Errorf("%w: %q; one of %s, %s, %s", ErrPath, o.Path, Kappa, Oracle, Lambda)
	}
	if err != nil {
		return nil, in.explain(err)
	}
	out.Rejects = in.file.Rejects()
	out.Summary.Rejected = in.file.Rejected()
	out.Summary.Format, out.Summary.Job = "parallax.summary/v1", job.Name
	out.Summary.PartitionBy = job.Source.PartitionBy
	out.Summary.Zones = job.zones()
	for i, p := range in.file.Partitions() {
		out.Summary.Partitions[i].Partition, out.Summary.Partitions[i].Values = i, p.Values
	}
	return out, nil
}

// Check finds mistakes that show when a job meets its data: of the data it reads
// the names of the columns, or with all everything, and then checks types too. If
// there is no data file, the error is fs.ErrNotExist.
func Check(job *Job, all bool) error {
	names, err := source.Columns(job.Source)
	if err != nil {
		return err
	}
	if names != nil {
		if err := job.checkColumns(names); err != nil {
			return err
		}
	}
	if !all {
		return nil
	}
	_, err = job.open(nil)
	return err
}

// input is a job and its scanned file.
type input struct {
	job  *Job
	file *source.File
	plan *flow.Plan

	pipeline *flow.Pipeline // the job's, perhaps with a trigger that numbers panes
	panes    bool           // they are to be listed
}

func (j *Job) open(progress func(done, total int64)) (*input, error) {
	file, err := source.Scan(j.Source, append(j.Pipeline.Reads(), j.reads...), progress)
	if err != nil {
		return nil, j.placeSource(err)
	}
	if err := j.checkColumns(file.Schema().Names()); err != nil {
		return nil, err
	}
	plan, err := j.plan(file)
	if err != nil {
		return nil, j.place(err)
	}
	return &input{job: j, file: file, plan: plan}, nil
}

// plan binds the pipeline to the file's columns. Columns without any value fit
// whatever type the pipeline wants: the first with which it can be planned.
func (j *Job) plan(file *source.File) (*flow.Plan, error) {
	plan, err := j.Pipeline.Plan(file.Needed())
	if err == nil || len(file.Blank()) == 0 {
		return plan, err
	}
	for _, kind := range []column.Kind{column.Int64, column.Float64, column.Bool} {
		file.Assume(column.TypeOf(kind))
		if other, failed := j.Pipeline.Plan(file.Needed()); failed == nil {
			return other, nil
		}
	}
	return nil, err
}

// checkColumns finds names that the file does not have, at the place in the job
// that names them.
func (j *Job) checkColumns(have []string) error {
	names, roles := j.Source.Roles()
	for i, name := range names {
		if !contains(have, name) {
			return j.unknownColumn("source."+roles[i], name, have)
		}
	}
	schema := make(column.Schema, len(have))
	for i, name := range have {
		schema[i] = column.Field{Name: name, Type: column.TypeOf(column.String)}
	}
	known := append([]string{}, have...)
	if err := j.checkFields("watermark."+j.Pipeline.Watermark.Kind.String(), j.Pipeline.Marker, known); err != nil {
		return err
	}
	for i := range j.Pipeline.Steps {
		s := &j.Pipeline.Steps[i]
		path := fmt.Sprintf("pipeline[%d].", i)
		if s.Aggregates != nil {
			for _, a := range s.Aggregates {
				for _, e := range append(append([]expr.Expr{}, a.Call.Args...), a.Call.Where) {
					if err := j.checkFields(path+"aggregate."+a.Name, e, known); err != nil {
						return err
					}
				}
			}
			return nil // behind it, names are the pipeline's own, which planning checks
		}
		if err := j.checkFields(path+"filter", s.Filter, known); err != nil {
			return err
		}
		for _, p := range s.Project {
			if err := j.checkFields(path+"project."+p.Name, p.Expr, known); err != nil {
				return err
			}
		}
		for k, name := range s.KeyBy {
			if !contains(known, name) {
				return j.unknownColumn(fmt.Sprintf("%skey_by[%d]", path, k), name, known)
			}
		}
		if s.Project != nil {
			known = known[:0:0]
			for _, p := range s.Project {
				known = append(known, p.Name)
			}
		}
	}
	return nil
}

func (j *Job) unknownColumn(path, name string, have []string) error {
	if j.root == nil {
		return fmt.Errorf("scenarios: %s: unknown column %q", path, name)
	}
	e := j.root.find(path).errorf("unknown column %q; the file has %s", name, list(have))
	e.Nearest = expr.Nearest(name, have)
	return e
}

func (j *Job) checkFields(path string, e expr.Expr, known []string) error {
	for _, f := range fieldsOf(e, nil) {
		if contains(known, f.Name) {
			continue
		}
		if j.root == nil {
			return fmt.Errorf("scenarios: %s: unknown column %q", path, f.Name)
		}
		bad := j.root.find(path).within(f.At, "unknown column %q; there are %s", f.Name, list(known))
		bad.width = len(f.Name)
		bad.Nearest = expr.Nearest(f.Name, known)
		return bad
	}
	return nil
}

// fieldsOf appends the columns an expression reads, with their places.
func fieldsOf(e expr.Expr, out []*expr.Field) []*expr.Field {
	switch e := e.(type) {
	case *expr.Field:
		return append(out, e)
	case *expr.Unary:
		return fieldsOf(e.X, out)
	case *expr.Binary:
		return fieldsOf(e.R, fieldsOf(e.L, out))
	case *expr.Func:
		for _, a := range e.Args {
			out = fieldsOf(a, out)
		}
	case *expr.In:
		return fieldsOf(e.X, out)
	case *expr.IsNull:
		return fieldsOf(e.X, out)
	}
	return out
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// list prints names for a message, the first dozen of them.
func list(names []string) string {
	const most = 12
	s := ""
	for i, n := range names {
		if i == most {
			return s + fmt.Sprintf(" and %d more", len(names)-most)
		}
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}

// placeSource puts a mistake about a column as such, not about a value in it, at
// the place in the job that names the column.
func (j *Job) placeSource(err error) error {
	var bad *source.Error
	if j.root == nil || !errors.As(err, &bad) || bad.Field == "" || bad.Line > 1 || bad.Lost != 0 {
		return err
	}
	have, columnsErr := source.Columns(j.Source)
	if columnsErr != nil {
		return err
	}
	if !contains(have, bad.Field) {
		if placed := j.checkColumns(have); placed != nil {
			return placed
		}
		return err
	}
	of := j.root.get("source")
	if at := j.placeRole(of, bad.Field); at != of && bad.Line == 0 {
		return at.errorf("%s", bad.Msg)
	}
	return err
}

// explain adds the row's place in the file to an error that names its offset.
func (in *input) explain(err error) error {
	var bad *expr.RowError
	msg := ""
	switch {
	case errors.As(err, &bad):
		msg = fmt.Sprintf("partition %d, offset %d: %s", bad.Partition, bad.Offset, bad.What)
	case errors.Is(err, oracle.ErrRow):
		msg = strings.TrimPrefix(err.Error(), oracle.ErrRow.Error()+": ")
	default:
		return err
	}
	return &source.Error{File: in.job.Source.File, Msg: msg, Cause: err}
}
