package compare

import (
	"fmt"
	"math"

	"parallax/bench/costs"
	"parallax/engine/flow/column"
	"parallax/scenarios"
)

// CostsHash identifies the prices of all runs, at pace 1.
func (r *Report) CostsHash() uint64 { return costs.Default().World().Hash() }

// Table is the results, a row for each run. The figures of a run do not depend on the
// others, but for the delays compared, which decide what windows are censored.
func (r *Report) Table() *scenarios.Table {
	t := &scenarios.Table{Rows: len(r.Trials)}
	add := func(name string, kind column.Kind, of func(o *Outcome) column.Value) {
		var c column.Column
		c.Reset(column.TypeOf(kind), new(column.Dict))
		for i := range r.Trials {
			c.Append(of(&r.Trials[i]))
		}
		t.Schema = append(t.Schema, column.Field{Name: name, Type: c.Type})
		t.Columns = append(t.Columns, c)
	}
	text := func(name string, of func(o *Outcome) string) {
		add(name, column.String, func(o *Outcome) column.Value { return column.Value{String: of(o)} })
	}
	whole := func(name string, of func(o *Outcome) int64) {
		add(name, column.Int64, func(o *Outcome) column.Value { return column.Value{Int: of(o)} })
	}
	text("job", func(*Outcome) string { return r.Input.Job.Name })
	text("architecture", func(o *Outcome) string { return o.Architecture })
	add("delay_ms", column.Float64, func(o *Outcome) column.Value { return column.Value{Float: float64(o.Delay) / 1000} })
	add("batch_ms", column.Float64, func(o *Outcome) column.Value {
		return column.Value{Null: o.Batch == 0, Float: float64(o.Batch) / 1000}
	})
	text("faults", func(o *Outcome) string { return o.FaultsText() })
	whole("seed", func(o *Outcome) int64 { return int64(o.Seed) })
	whole("pace", func(*Outcome) int64 { return r.Input.Stage.Pace })
	whole("rows", func(*Outcome) int64 { return r.Input.Stage.Rows })
	whole("input_bytes", func(*Outcome) int64 { return r.Input.bytes })
	text("costs", func(*Outcome) string { return fmt.Sprintf("%016x", r.CostsHash()) })
	text("trace", func(o *Outcome) string { return fmt.Sprintf("%016x", o.Hash) })
	whole("answers", func(o *Outcome) int64 { return int64(o.Answers.Windows) })
	text("checksum", func(o *Outcome) string { return fmt.Sprintf("%016x", o.Answers.Checksum) })
	add("exact", column.Bool, func(o *Outcome) column.Value { return column.Value{Bool: o.Exact} })
	for f := range r.Figures {
		add(r.Figures[f].Name, column.Float64, func(o *Outcome) column.Value {
			v := o.Values[f]
			return column.Value{Null: math.IsNaN(v) || math.IsInf(v, 0), Float: v}
		})
	}
	return t
}
