package cluster

// Property crash-invariant: every row is classified as in a run without faults. Wherever
// the worker stands, it has of each partition as many rows and pairs on time, revised and
// dropped as the same row path makes of the feed when nothing happens to it: no broker,
// no checkpoint, no replay.
//
// Two things are no function of the feed, and rows behind them are not compared: where
// brokers put records of their own, which raise frontiers, and when rows were appended,
// by which ahead_max judges them.

import (
	"errors"
	"fmt"

	"parallax/engine/flow/operator"
	"parallax/engine/kappa"
)

var errClasses = errors.New("cluster: rows are classified otherwise than in a run without faults")

// undisturbed is a worker's row path over the feed, and what it has counted.
type undisturbed struct {
	path  *operator.Path
	parts [][]operator.Counts // behind each batch of a partition, from 0 batches on
}

func newUndisturbed(d *Deployment) (*undisturbed, error) {
	o := d.opts.Worker
	o.Pipeline, o.Schema, o.Partitions = d.job.Pipeline, d.job.Schema, int32(len(d.job.Feed))
	_, path, err := o.Path()
	if err != nil {
		return nil, err
	}
	u := &undisturbed{path: path}
	for range d.job.Feed {
		u.parts = append(u.parts, make([]operator.Counts, 1))
	}
	return u, nil
}

// checkClasses compares what the worker has counted with what it would have counted.
func (c *checker) checkClasses(w *kappa.Worker) error {
	if c.judge.pipeline.Watermark.AheadMax > 0 {
		return nil
	}
	for part, at := range w.Reached() {
		p := &c.log.parts[part]
		if at.Offset == 0 || at.Offset > p.idle {
			continue
		}
		want, err := c.undisturbedCounts(part, p.behind(at.Offset)+1)
		if err != nil {
			return err
		}
		c.tally.ClassChecks++
		if have := w.CountsOf(part); have != want {
			return fmt.Errorf("%w: partition %d at %v: %+v, without faults %+v", errClasses, part, at, have, want)
		}
	}
	return nil
}

// undisturbedCounts is what so many batches of a partition come to.
func (c *checker) undisturbedCounts(part, batches int) (operator.Counts, error) {
	u := c.calm
	for n := len(u.parts[part]) - 1; n < batches; n++ {
		if b := &c.log.parts[part].batches[n]; b.Idle {
			u.path.Idle(part, b.TimeMax)
		} else if rows := c.log.parts[part].rows[n]; rows != nil {
			rows := *rows
			rows.Appends = make([]int64, rows.Rows) // which nobody asks for
			if err := u.path.Process(&rows); err != nil {
				return operator.Counts{}, err
			}
		}
		var pane operator.Pane
		for u.path.Next(&pane) { // nobody looks at them
		}
		u.parts[part] = append(u.parts[part], u.path.Windowed().Counts(part))
	}
	return u.parts[part][batches], nil
}
