package operator

import (
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
)

// steps runs filters and projections over batches.
type steps struct {
	list    []flow.RowStep
	input   column.Batch // for the owner's use
	view    column.Batch
	columns [][]column.Column // by step
	selects [][]int32         // by step
}

func newSteps(list []flow.RowStep) steps {
	return steps{list: list, columns: make([][]column.Column, len(list)), selects: make([][]int32, len(list))}
}

// run returns b as the steps leave it; without steps, b itself.
func (s *steps) run(b *column.Batch) (*column.Batch, error) {
	if len(s.list) == 0 {
		return b, nil
	}
	s.view = *b
	for i := range s.list {
		step := &s.list[i]
		if step.Filter != nil {
			if err := s.filter(i, step.Filter); err != nil {
				return nil, err
			}
			continue
		}
		columns := resize(s.columns[i], len(step.Project))
		for j, program := range step.Project {
			c, err := program.Eval(&s.view)
			if err != nil {
				return nil, err
			}
			columns[j] = *c
		}
		s.columns[i] = columns
		s.view.Columns, s.view.Schema = columns, step.Schema
	}
	return &s.view, nil
}

// filter narrows the selection to the rows for which the condition is true.
func (s *steps) filter(i int, program *expr.Program) error {
	keep, err := program.Select(&s.view, resize(s.selects[i], 0))
	s.selects[i], s.view.Select = keep, keep
	return err
}
