package cluster

import (
	"fmt"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/operator"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim/oracle"
)

// checkWorker asks that what a worker has read is committed, and, where it stands
// at the model's cut, that it has accounted for every row and every pair as the
// model has; and that it keeps what its cut demands.
func (c *checker) checkWorker(w *kappa.Worker) error {
	if err := c.log.worker(w); err != nil {
		return err
	}
	if have, want := w.Counts(), c.model.counts; slices.Equal(w.Reached(), c.model.cut) && have != want {
		return fmt.Errorf("%w: at %v the worker has %+v, should be %+v", errCounts, w.Reached(), have, want)
	}
	return c.checkState(w)
}

// conserves compares the model's counts with the oracle's.
func (m *model) conserves(o *oracle.Counts) error {
	have := m.counts
	want := operator.Counts{
		Rows: have.Rows, RowsBehind: o.RowsBehindWatermark, RowsDropped: o.RowsDropped,
		PairsOnTime: o.PairsOnTime, PairsRevised: o.PairsRevised, PairsDropped: o.PairsDropped,
	}
	if have != want {
		return fmt.Errorf("%w: at %v the model has %+v, the oracle %+v", errCounts, m.cut, have, want)
	}
	return nil
}

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
