package cluster

import (
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/serving"
)

// finisher finishes accumulators without the view.
type finisher struct {
	table     *aggregate.Table
	functions int
}

func newFinisher(plan *flow.Plan) *finisher {
	f := &finisher{table: aggregate.NewTable(plan.Last().Functions()), functions: len(plan.Last().Functions())}
	f.table.Grow(1)
	return f
}

// values encodes the finished values as an answer does.
func (f *finisher) values(accumulators []byte) ([]byte, error) {
	rest, err := f.table.Load(0, accumulators)
	if err != nil || len(rest) != 0 {
		return nil, fmt.Errorf("%w: %d bytes left, %v", errAnswer, len(rest), err)
	}
	var b []byte
	for i := range f.functions {
		b = serving.AppendKey(b, f.table.Finish(0, i))
	}
	return b, nil
}
