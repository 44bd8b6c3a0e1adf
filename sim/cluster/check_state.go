package cluster

// Property state-bounded: the worker keeps exactly the windows, rows and keys that may
// still fire or be revised at its cut. It is asked whenever the worker has read further:
// fewer windows are forgotten rows, more are a leak.

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/kappa"
)

// errState is a worker that keeps what it should have forgotten, or has forgotten
// what it should have kept.
var errState = errors.New("cluster: the worker keeps other state than its cut demands")

// stateCheck follows the worker: what it keeps is a function of the cut that it has
// read to, which goes back when it restarts.
type stateCheck struct {
	worker  *kappa.Worker
	cut     []protocol.Cut
	seen    []bool // keys, by number
	keys    int
	holding holding
}

// checkState asks of a worker that has read further what it keeps.
func (c *checker) checkState(w *kappa.Worker) error {
	s, reached := &c.state, w.Reached()
	if s.worker != w || !advanced(reached, s.cut) {
		*s = stateCheck{worker: w, holding: holdings[c.judge.plan.Window.Kind](c.judge.plan)}
		if len(c.judge.plan.Keys) == 0 { // one key, also before any row
			s.keys, s.seen = 1, []bool{true}
		}
		for range reached {
			s.cut = append(s.cut, protocol.LogStart())
		}
	} else if slices.Equal(reached, s.cut) {
		return nil
	}
	for part := range reached {
		err := c.judge.between(part, s.cut[part], reached[part], func(_ *protocol.Batch, e *entry) error {
			s.take(c.judge.plan, part, e)
			return nil
		})
		if err != nil {
			return err
		}
		s.cut[part] = reached[part]
	}
	c.tally.StateChecks++
	want := s.holding.at(firing(c.judge.pipeline, s.cut))
	want.Keys = s.keys
	if have := w.State(); have != want {
		return fmt.Errorf("%w: at %v %+v, should be %+v", errState, reached, have, want)
	}
	return nil
}

// take takes a batch in.
func (s *stateCheck) take(p *flow.Plan, part int, e *entry) {
	for i, key := range e.keys {
		for len(s.seen) <= int(key) {
			s.seen = append(s.seen, false)
		}
		if !s.seen[key] {
			s.seen[key] = true
			s.keys++
		}
		row := e.rows.Select[i]
		s.holding.add(&arrival{time: e.rows.Times[row], mark: markAt(p.Pipeline, e.before[row]), key: key, part: part, row: row})
	}
}
