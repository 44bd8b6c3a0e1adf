package flow

import (
	"errors"
	"fmt"
	"strings"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Plan is a pipeline bound to the columns of its input. Its programs own memory,
// so that one operator at a time can run a plan.
type Plan struct {
	Pipeline *Pipeline
	Input    column.Schema
	Marker   *expr.Program // over Input, or nil; see Pipeline.Marker

	Stage         // the first aggregation, of the input's rows
	After []Stage // those of the results of the one before, in order

	Having []RowStep     // over the last stage's finished rows, in order
	Result column.Schema // the columns after Having
}

// Stage is one aggregation of a plan, with the filters and projections before it.
type Stage struct {
	Rows       []RowStep     // before the aggregation, in order
	Schema     column.Schema // the columns after Rows
	Keys       []int         // the group's columns in Schema, in the pipeline's order; none: one group
	Window     window.Spec
	Trigger    *trigger.Spec // or nil
	Aggregates []Output
	Finished   column.Schema // key columns, the window's Edges, aggregates
}

// RowStep is a filter or a projection of rows.
type RowStep struct {
	Filter  *expr.Program   // of bool, or nil
	Project []*expr.Program // one for each column of Schema, or nil
	Schema  column.Schema   // the columns after the step
}

// Output is an aggregate function with the programs of its arguments and, unless
// nil, of the rows that count for it.
type Output struct {
	Name     string
	Function aggregate.Function
	Args     []*expr.Program
	Where    *expr.Program
}

// Functions lists the aggregate functions in order, as aggregate.NewTable takes
// them.
func (s *Stage) Functions() []aggregate.Function {
	fns := make([]aggregate.Function, len(s.Aggregates))
	for i := range s.Aggregates {
		fns[i] = s.Aggregates[i].Function
	}
	return fns
}

// Last is the stage whose results the pipeline's are.
func (p *Plan) Last() *Stage {
	if n := len(p.After); n > 0 {
		return &p.After[n-1]
	}
	return &p.Stage
}

// Plan checks the pipeline and binds it to the columns of its input. The error
// is an *[Error].
func (p *Pipeline) Plan(input column.Schema) (*Plan, error) {
	b := binder{pipeline: p, plan: &Plan{Pipeline: p, Input: input}}
	if err := b.bind(); err != nil {
		return nil, err
	}
	return b.plan, nil
}

// binder walks the steps of one pipeline.
type binder struct {
	pipeline *Pipeline
	plan     *Plan
	at       int    // the step at hand
	stage    *Stage // the one at hand
}

func (b *binder) path(suffix string) string {
	return fmt.Sprintf("pipeline[%d].%s", b.at, suffix)
}

func (b *binder) bind() error {
	if err := b.pipeline.checkTime(); err != nil {
		return err
	}
	if err := b.pipeline.Functions.Check(); err != nil {
		return errorAt("functions", "%s", strings.TrimPrefix(err.Error(), aggregate.ErrCustom.Error()+": "))
	}
	if err := b.pipeline.checkOrder(); err != nil {
		return err
	}
	if err := b.pipeline.checkChain(); err != nil {
		return err
	}
	if err := b.pipeline.checkTriggers(); err != nil {
		return err
	}
	plan := b.plan
	if b.pipeline.Marker != nil {
		if err := b.marker(); err != nil {
			return err
		}
	}
	var rows []RowStep
	schema := plan.Input
	b.stage = new(Stage)
	for i := range b.pipeline.Steps {
		b.at = i
		s := &b.pipeline.Steps[i]
		switch s.kind() {
		case stepFilter, stepProject:
			step, err := b.rowStep(s, schema)
			if err != nil {
				return err
			}
			rows = append(rows, step)
			schema = step.Schema
		case stepKeyBy:
			if err := b.keys(s.KeyBy, schema); err != nil {
				return err
			}
		case stepWindow:
			if err := b.window(*s.Window); err != nil {
				return err
			}
		case stepTrigger:
			b.stage.Trigger = s.Trigger
		case stepAggregate:
			b.stage.Rows, b.stage.Schema = rows, schema
			if err := b.aggregates(s.Aggregates, schema); err != nil {
				return err
			}
			schema, rows = b.stage.Finished, nil
			b.close()
		}
	}
	plan.Having, plan.Result = rows, schema
	return b.checkOwn()
}

// close adds the stage at hand to the plan and begins the next.
func (b *binder) close() {
	if b.plan.Aggregates == nil {
		b.plan.Stage = *b.stage
	} else {
		b.plan.After = append(b.plan.After, *b.stage)
	}
	b.stage = new(Stage)
}

// marker binds what the watermark's strategy looks at.
func (b *binder) marker() (err error) {
	marker, path := b.pipeline.Marker, "watermark."+b.pipeline.Watermark.Kind.String()
	if b.pipeline.Watermark.Kind == watermark.Punctuated {
		b.plan.Marker, err = condition(path, marker, b.plan.Input)
		return err
	}
	program, err := expr.Compile(marker, b.plan.Input)
	if err != nil {
		return within(path, err)
	}
	if program.Type().Kind == column.Float64 {
		return &Error{Path: path, Offset: marker.Pos(), Msg: "a float64 tells no keys apart"}
	}
	b.plan.Marker = program
	return nil
}

// rowStep binds a filter or a projection.
func (b *binder) rowStep(s *Step, schema column.Schema) (RowStep, error) {
	if s.Filter != nil {
		program, err := condition(b.path("filter"), s.Filter, schema)
		return RowStep{Filter: program, Schema: schema}, err
	}
	step := RowStep{Schema: make(column.Schema, 0, len(s.Project))}
	for _, c := range s.Project {
		path := b.path("project." + c.Name)
		if err := checkName(path, c.Name, step.Schema); err != nil {
			return step, err
		}
		program, err := expr.Compile(c.Expr, schema)
		if err != nil {
			return step, within(path, err)
		}
		step.Project = append(step.Project, program)
		step.Schema = append(step.Schema, column.Field{Name: c.Name, Type: program.Type()})
	}
	return step, nil
}

// condition binds an expression that must be true or false.
func condition(path string, e expr.Expr, schema column.Schema) (*expr.Program, error) {
	program, err := expr.Compile(e, schema)
	if err != nil {
		return nil, within(path, err)
	}
	if program.Type().Kind != column.Bool {
		return nil, &Error{Path: path, Offset: e.Pos(), Msg: fmt.Sprintf("a condition must be bool, this is %s", program.Type())}
	}
	return program, nil
}

func checkName(path, name string, taken column.Schema) error {
	if name == "" {
		return errorAt(path, "a column needs a name")
	}
	if taken.Index(name) >= 0 {
		return errorAt(path, "the name %q is taken", name)
	}
	return nil
}

func (b *binder) keys(names []string, schema column.Schema) error {
	for j, name := range names {
		path := b.path(fmt.Sprintf("key_by[%d]", j))
		at := schema.Index(name)
		if at < 0 {
			e := errorAt(path, "unknown column %q", name)
			e.Nearest = expr.Nearest(name, schema.Names())
			return e
		}
		if name == WindowStart || name == WindowEnd {
			return errorAt(path, "the name %q belongs to a window's edge: give the column another one by a projection", name)
		}
		if err := checkName(path, name, b.stage.Finished); err != nil {
			return err
		}
		b.stage.Keys = append(b.stage.Keys, at)
		b.stage.Finished = append(b.stage.Finished, schema[at])
	}
	return nil
}

func (b *binder) window(w window.Spec) error {
	path := b.path("window")
	if err := w.Validate(); err != nil {
		return errorAt(path, "%v", err)
	}
	if w.Numbered() {
		return b.edges(w)
	}
	size, length, every := "size", w.Size, "every"
	switch w.Kind {
	case window.Session:
		size = "gap"
	case window.Sliding:
		size, length, every = "difference", w.Difference(), "grain"
	}
	for _, part := range [...]struct {
		name string
		us   int64
	}{{size, length}, {every, w.Every}, {"offset", w.Offset}} {
		if part.us%1000 != 0 {
			return errorAt(path, "%s %s is not a whole number of milliseconds, in which results give a window's edges",
				part.name, FormatDuration(part.us))
		}
	}
	return b.edges(w)
}

// edges adds the columns that hold the edges of windows.
func (b *binder) edges(w window.Spec) error {
	b.stage.Window = w
	start, end := Edges(w)
	for _, name := range [...]string{start, end} {
		if b.stage.Finished.Index(name) >= 0 {
			return errorAt(b.path("window"), "the name %q belongs to a window's edge: give the key another one by a projection", name)
		}
		b.stage.Finished = append(b.stage.Finished, column.Field{Name: name, Type: column.TypeOf(column.Int64)})
	}
	return nil
}

func (b *binder) aggregates(list []Aggregate, schema column.Schema) error {
	for i := range list {
		a := &list[i]
		path := b.path("aggregate." + a.Name)
		if err := checkName(path, a.Name, b.stage.Finished); err != nil {
			return err
		}
		out, err := b.output(path, a, schema)
		if err != nil {
			return err
		}
		b.stage.Aggregates = append(b.stage.Aggregates, out)
		b.stage.Finished = append(b.stage.Finished, column.Field{Name: a.Name, Type: out.Function.Result()})
	}
	return nil
}

// output binds one aggregate. Of the trailing literals as many as the function
// takes are its parameters.
func (b *binder) output(path string, a *Aggregate, schema column.Schema) (Output, error) {
	out := Output{Name: a.Name}
	call := aggregate.Call{Name: a.Call.Func}
	args := a.Call.Args
	split := len(args)
	for split > 1 && len(args)-split < aggregate.Parameters(call.Name) && isParameter(args[split-1]) {
		split--
	}
	for _, e := range args[:split] {
		program, err := expr.Compile(e, schema)
		if err != nil {
			return out, within(path, err)
		}
		out.Args = append(out.Args, program)
		call.Args = append(call.Args, program.Type())
	}
	for _, e := range args[split:] {
		call.Params = append(call.Params, e.(*expr.Literal).Value)
	}
	fn, err := b.pipeline.Functions.New(call)
	if err != nil {
		e := &Error{Path: path, Offset: a.Call.At, Msg: err.Error()}
		if errors.Is(err, aggregate.ErrName) {
			e.Msg = fmt.Sprintf("unknown aggregate function %q", call.Name)
			e.Nearest = expr.Nearest(call.Name, b.pipeline.Functions.Names())
		}
		return out, e
	}
	out.Function = fn
	if a.Call.Where != nil {
		out.Where, err = condition(path, a.Call.Where, schema)
	}
	return out, err
}

func isParameter(e expr.Expr) bool {
	l, ok := e.(*expr.Literal)
	return ok && !l.Value.Null
}
