package cluster

import (
	"slices"

	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim"
)

// checker watches a deployment: after every event it looks at the node that took
// it, and tells the first thing that is wrong.
type checker struct {
	d     *Deployment
	node  engine.NodeID // of the event in hand
	log   *logModel
	judge *judge
	model *model
	view  viewCheck
	state stateCheck
	asks  clientCheck
	marks markCheck

	checkpoint checkpointCheck
	calm       *undisturbed
	wrong      error // with a message on its way

	finish      *finisher
	tally       Tally
	worker      workerSeen
	lastPublish publication
}

func newChecker(d *Deployment) (*checker, error) {
	if err := Checkable(d.job.Pipeline); err != nil {
		return nil, err
	}
	plan, err := d.job.Pipeline.Plan(d.job.Schema)
	if err != nil {
		return nil, err
	}
	c := &checker{d: d, log: newLogModel(d.job, d.delivered.refused), model: newModel(d.job, plan), finish: newFinisher(plan)}
	c.judge = newJudge(d.job, plan, c.log)
	if c.calm, err = newUndisturbed(d); err != nil {
		return nil, err
	}
	return c, nil
}

// note remembers whose event it is.
func (c *checker) note(t sim.Trace) {
	switch t.Op {
	case "message":
		if c.node = t.To; c.wrong == nil {
			c.wrong = c.checkMessage(&t)
		}
	case "start", "timer", "synced":
		c.node = t.To
	}
}

// step looks at the node of the event in hand.
func (c *checker) step(w *sim.World) error {
	id := c.node
	c.node = 0
	if id == 0 || c.wrong != nil {
		return c.wrong
	}
	switch a := w.Actor(id).(type) {
	case *commitlog.Broker:
		return c.checkBroker(id, a)
	case *kappa.Producer:
		return c.checkProducer(a)
	case *kappa.Worker:
		c.reveal(a.Published())
		c.countWorker(a)
		if err := c.checkCheckpoint(a); err != nil {
			return err
		}
		return c.checkWorker(a)
	case *store.Store:
		return c.checkStore(a)
	case *serving.View:
		return c.checkView(a)
	case *client:
		return c.checkClient(a)
	}
	return nil
}

// checkWorker asks that what a worker has read is committed, that it knows the frontiers
// there, and that it has made of it what it should.
func (c *checker) checkWorker(w *kappa.Worker) error {
	reached, last := w.Reached(), &c.marks
	if last.worker != w || !slices.Equal(last.at, reached) {
		for _, check := range []func(*kappa.Worker) error{c.log.worker, c.checkFrontiers, c.checkClasses} {
			if err := check(w); err != nil {
				return err
			}
		}
		last.worker, last.at = w, append(last.at[:0], reached...)
	}
	if err := c.checkCounts(w); err != nil {
		return err
	}
	return c.checkState(w)
}

// finally is what must hold in the end: every replica has everything, and the view
// is the oracle's answer.
func (c *checker) finally() error {
	if err := c.log.finally(c.d); err != nil {
		return err
	}
	return c.checkOracle()
}
