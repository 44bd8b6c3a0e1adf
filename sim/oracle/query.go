package oracle

import (
	"fmt"
	"math/big"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// query is a pipeline taken apart: what happens to a row, how rows are grouped,
// what is computed of a group, and what happens to the results.
type query struct {
	pipeline *flow.Pipeline
	rows     []stage // before the window
	key      []int   // columns behind those stages
	window   *window.Spec
	trigger  *trigger.Spec // or nil
	calls    []call
	results  []stage       // after the aggregate
	schema   column.Schema // of the result of the aggregate
	above    *query        // over the results, which its rows are before its stages; or nil
}

// stage is a filter or a projection over rows of one schema.
type stage struct {
	schema  column.Schema
	filter  expr.Expr
	project []flow.Projection
}

// call is an aggregate with its arguments and parameters apart.
type call struct {
	name     string
	function string
	args     []expr.Expr
	params   []column.Value
	where    expr.Expr
	schema   column.Schema
	argument column.Type // of the first argument; the zero type without one
	own      *custom     // of a user's function, else nil
}

// parameters is how many literals may follow the arguments of a function.
var parameters = map[string]int{"quantile": 1, "topk": 1, "hll": 1}

func newQuery(p *flow.Pipeline, schema column.Schema) (*query, error) {
	first := &query{pipeline: p}
	q := first
	for _, s := range p.Steps {
		if q.calls != nil && (s.KeyBy != nil || s.Window != nil) {
			q.above = &query{pipeline: p, rows: q.results}
			q.results, q = nil, q.above
		}
		switch {
		case s.Filter != nil || s.Project != nil:
			st := stage{schema: schema, filter: s.Filter, project: s.Project}
			if q.calls == nil {
				q.rows = append(q.rows, st)
			} else {
				q.results = append(q.results, st)
			}
			out, err := st.out()
			if err != nil {
				return nil, err
			}
			schema = out
		case s.KeyBy != nil:
			for _, name := range s.KeyBy {
				q.key = append(q.key, schema.Index(name))
				q.schema = append(q.schema, schema[schema.Index(name)])
			}
		case s.Window != nil:
			q.window = s.Window
		case s.Trigger != nil:
			q.trigger = s.Trigger
		case s.Aggregates != nil:
			out, err := q.bind(s.Aggregates, schema)
			if err != nil {
				return nil, err
			}
			schema = out
		}
	}
	if q.window == nil || q.calls == nil {
		return nil, fmt.Errorf("%w: a window and an aggregate are needed", ErrPipeline)
	}
	return first, nil
}

// out is the schema behind a stage.
func (s stage) out() (column.Schema, error) {
	if s.filter != nil {
		return s.schema, nil
	}
	out := make(column.Schema, len(s.project))
	for i, p := range s.project {
		t, err := typeOf(p.Expr, s.schema)
		if err != nil {
			return nil, err
		}
		out[i] = column.Field{Name: p.Name, Type: t}
	}
	return out, nil
}

// apply runs a row through a stage; keep is false when a filter takes it out.
func (s stage) apply(values []column.Value) (out []column.Value, keep bool, err error) {
	if s.filter != nil {
		v, err := evaluate(s.filter, s.schema, values)
		return values, !v.Null && v.Bool, err
	}
	out = make([]column.Value, len(s.project))
	for i, p := range s.project {
		if out[i], err = evaluate(p.Expr, s.schema, values); err != nil {
			return nil, false, err
		}
	}
	return out, true, nil
}

func through(stages []stage, values []column.Value) (out []column.Value, keep bool, err error) {
	for _, s := range stages {
		if values, keep, err = s.apply(values); err != nil || !keep {
			return nil, false, err
		}
	}
	return values, true, nil
}

// before runs a row through the stages in front of the window.
func (q *query) before(values []column.Value) (out []column.Value, keep bool, err error) {
	return through(q.rows, values)
}

func (q *query) own() bool { return q.pipeline.Watermark.Across == watermark.Own }

func (q *query) keyOf(values []column.Value) []column.Value {
	key := make([]column.Value, len(q.key))
	for i, c := range q.key {
		key[i] = values[c]
	}
	return key
}

// bind takes the aggregates' calls apart and returns the schema of the results.
func (q *query) bind(aggregates []flow.Aggregate, schema column.Schema) (column.Schema, error) {
	edges := []string{"window_start_ms", "window_end_ms"}
	if q.window.Kind == window.Counting {
		edges = []string{"window_start_row", "window_end_row"}
	}
	for _, name := range edges {
		q.schema = append(q.schema, column.Field{Name: name, Type: column.TypeOf(column.Int64)})
	}
	for _, a := range aggregates {
		c := call{name: a.Name, function: a.Call.Func, args: a.Call.Args, where: a.Call.Where, schema: schema, own: customOf(q.pipeline, a.Call.Func)}
		for n := parameters[c.function]; n > 0 && len(c.args) > 1; n-- {
			last, ok := c.args[len(c.args)-1].(*expr.Literal)
			if !ok {
				break
			}
			c.params = append([]column.Value{last.Value}, c.params...)
			c.args = c.args[:len(c.args)-1]
		}
		if len(c.args) > 0 {
			t, err := typeOf(c.args[0], schema)
			if err != nil {
				return nil, err
			}
			c.argument = t
		}
		q.calls = append(q.calls, c)
		q.schema = append(q.schema, column.Field{Name: a.Name, Type: c.result()})
	}
	return q.schema, nil
}

// aggregate computes all aggregates of a group.
func (q *query) aggregate(rows []keptRow) ([]column.Value, error) {
	out := make([]column.Value, len(q.calls))
	for i, c := range q.calls {
		members, err := c.members(rows)
		if err != nil {
			return nil, err
		}
		if out[i], err = aggregate(c, members); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// members is the rows that an aggregate counts, with its arguments.
func (c *call) members(rows []keptRow) ([]member, error) {
	out := make([]member, 0, len(rows))
	args := make([]column.Value, len(rows)*len(c.args))
	for _, k := range rows {
		m := member{row: k.row, args: args[:len(c.args):len(c.args)]}
		args = args[len(c.args):]
		if c.where != nil {
			v, err := evaluate(c.where, c.schema, k.values)
			if err != nil {
				return nil, err
			}
			if v.Null || !v.Bool {
				continue
			}
		}
		for i, a := range c.args {
			var err error
			if m.args[i], err = evaluate(a, c.schema, k.values); err != nil {
				return nil, err
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// view makes the rows of the final view, and of the on-time one.
func (a *answer) view() error {
	q := a.query.last()
	a.result.Schema = q.schema
	for _, s := range q.results {
		schema, err := s.out()
		if err != nil {
			return err
		}
		a.result.Schema = schema
	}
	for _, w := range a.result.Windows {
		for _, pane := range []struct {
			values []column.Value
			rows   *[][]column.Value
		}{{w.OnTime, &a.result.OnTime}, {w.Final, &a.result.Final}} {
			if pane.values == nil {
				continue
			}
			row, keep, err := through(q.results, w.row(pane.values, q.window.Kind == window.Counting))
			if err != nil {
				return fmt.Errorf("%w: result of window %d: %w", ErrRow, w.Start, err)
			}
			if keep {
				*pane.rows = append(*pane.rows, row)
			}
		}
	}
	return nil
}

// last is the query whose results the pipeline's are.
func (q *query) last() *query {
	for q.above != nil {
		q = q.above
	}
	return q
}

// row is a result: key, edges, and what the aggregates say.
func (w *Window) row(values []column.Value, numbered bool) []column.Value {
	row := append([]column.Value{}, w.Key...)
	if numbered {
		return append(append(row, intValue(w.Start), intValue(w.End)), values...)
	}
	row = append(row, intValue(milliseconds(w.Start)), intValue(milliseconds(w.End)))
	return append(row, values...)
}

// milliseconds rounds µs down.
func milliseconds(us int64) int64 {
	return bigInt(us).Div(bigInt(us), big.NewInt(1000)).Int64()
}

func bigInt(v int64) *big.Int { return big.NewInt(v) }
