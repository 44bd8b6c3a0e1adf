package cluster

// Property rows-conserved: every row and every (row, window) pair is on time, a revision
// or dropped, once; or the row is refused, and counted as that. The worker is compared with the model wherever both stand at one cut,
// and the model with the oracle.

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/flow/operator"
	"parallax/engine/kappa"
	"parallax/sim/oracle"
)

var errCounts = errors.New("cluster: rows or pairs are not accounted for")

// checkCounts asks of a worker that stands at the model's cut that it has accounted for
// every row and every pair as the model has.
func (c *checker) checkCounts(w *kappa.Worker) error {
	if have, want := w.Counts(), c.model.counts; slices.Equal(w.Reached(), c.model.cut) && have != want {
		return fmt.Errorf("%w: at %v the worker has %+v, should be %+v", errCounts, w.Reached(), have, want)
	}
	if have, want := w.Refused(), c.model.unread+c.model.valueless; slices.Equal(w.Reached(), c.model.cut) && have != want {
		return fmt.Errorf("%w: at %v the worker has refused %d rows, should be %d", errCounts, w.Reached(), have, want)
	}
	return nil
}

// conserves compares the model's counts with the oracle's.
func (m *model) conserves(o *oracle.Counts) error {
	have := m.counts
	want := operator.Counts{
		Rows: have.Rows, RowsBehind: o.RowsBehindWatermark, RowsDropped: o.RowsDropped,
		PairsOnTime: o.PairsOnTime, PairsRevised: o.PairsRevised, PairsDropped: o.PairsDropped,
	}
	if m.valueless != o.RowsRefused {
		return fmt.Errorf("%w: at %v the model refuses %d rows, the oracle %d", errCounts, m.cut, m.valueless, o.RowsRefused)
	}
	if have != want {
		return fmt.Errorf("%w: at %v the model has %+v, the oracle %+v", errCounts, m.cut, have, want)
	}
	return nil
}
