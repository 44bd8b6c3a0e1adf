package cluster

import (
	"errors"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
)

// digest leads rows through what stands in front of the windows. The error is that of a
// row for which one of the expressions, those that aggregates read included, has no
// value.
func digest(p *flow.Plan, rows *column.Batch) (view *column.Batch, err error) {
	view = rows
	for i := range p.Rows {
		if view, err = runStep(&p.Rows[i], view); err != nil {
			return nil, err
		}
	}
	return view, arguments(p, view, new(aggregate.Input))
}

// digestible are the selected rows for which every expression has a value: each is
// tried by itself.
func digestible(p *flow.Plan, rows *column.Batch) ([]int32, error) {
	list := []int32{} // not nil: that would be all
	for _, row := range rows.Select {
		alone := *rows
		alone.Select = []int32{row}
		_, err := digest(p, &alone)
		var bad *expr.RowError
		switch {
		case err == nil:
			list = append(list, row)
		case !errors.As(err, &bad):
			return nil, err
		}
	}
	return list, nil
}

// marked evaluates the watermark's marker, if there is one. Rows for which it has no value
// are tried by themselves and listed; nil means that there are none.
func marked(p *flow.Plan, rows *column.Batch) (marks *column.Column, unmarked []bool, err error) {
	if p.Marker == nil {
		return nil, nil, nil
	}
	if marks, err = p.Marker.Eval(rows); err == nil {
		return marks, nil, nil
	}
	unmarked = make([]bool, rows.Rows)
	left := *rows
	left.Select = []int32{} // not nil: that would be all
	for row := range int32(rows.Rows) {
		alone := *rows
		alone.Select = []int32{row}
		_, err := p.Marker.Eval(&alone)
		var bad *expr.RowError
		switch {
		case err == nil:
			left.Select = append(left.Select, row)
		case errors.As(err, &bad):
			unmarked[row] = true
		default:
			return nil, nil, err
		}
	}
	marks, err = p.Marker.Eval(&left)
	return marks, unmarked, err
}

// arguments computes what the aggregates are given. The input's memory is used again.
func arguments(p *flow.Plan, rows *column.Batch, input *aggregate.Input) error {
	input.Batch, input.Args, input.Where = rows, input.Args[:0], input.Where[:0]
	for i := range p.Aggregates {
		a := &p.Aggregates[i]
		var where []bool
		if a.Where != nil {
			c, err := a.Where.Eval(rows)
			if err != nil {
				return err
			}
			where = make([]bool, rows.Rows)
			for row := range where {
				where[row] = c.Bools[row] && !c.IsNull(row)
			}
		}
		args := make([]*column.Column, len(a.Args))
		for j, p := range a.Args {
			c, err := p.EvalWhere(rows, where)
			if err != nil {
				return err
			}
			args[j] = c
		}
		input.Args = append(input.Args, args)
		input.Where = append(input.Where, where)
	}
	return nil
}
