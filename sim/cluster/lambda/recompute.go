package lambda

import (
	"errors"

	"parallax/batch/job"
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/serving/layered"
	"parallax/speed"
)

// Names of the code that comes behind a mistake, and of its view.
const (
	fixedName = "v2"
	fixedView = "view-2"
)

var errTwice = errors.New("lambda: a deployment is recomputed once")

// Recompute does what a Lambda system does behind a mistake in its code: a second batch job
// folds everything that is archived by the code given, into a view beside the old one, and
// goes on like that. [Deployment.Serve] follows it. The old programs stay.
func (d *Deployment) Recompute(p *flow.Pipeline) error {
	if d.fixed.pipeline != nil {
		return errTwice
	}
	d.fixed = code{p, fixedName, fixedView}
	d.fixedBatch = d.Boot("batch-2", d.startJob(d.fixed), job.Decode)
	return nil
}

// Serve boots servers of the code given to Recompute, as soon as its view is published:
// before that they would read the whole log, which the batch layer is there to spare them.
// It tells whether they are there, and is called again until they are.
func (d *Deployment) Serve() bool {
	if len(d.fixedServers) > 0 {
		return true
	}
	j, ok := d.Actor(d.fixedBatch).(*job.Job)
	if !ok || j.Head() == nil || j.Head().Marker == 0 {
		return false
	}
	for i := range d.opts.Servers {
		number := d.opts.Servers + i
		d.fixedServers = append(d.fixedServers, d.Boot(serverName(number), d.startServer(number, d.fixed), speed.Decode))
	}
	return true
}

// Cuts are how far the first server has come, and the first of those that Serve has booted;
// nil for one that is not there, or has no view yet.
func (d *Deployment) Cuts() (old, fixed []protocol.Cut) {
	if s := d.server(d.servers); s != nil {
		old = s.Cut()
	}
	if s := d.server(d.fixedServers); s != nil && s.Head().Marker > 0 {
		fixed = s.Cut()
	}
	return old, fixed
}

// Answer is everything that the first server says now, or that of the fixed code; Behind
// if it can say nothing.
func (d *Deployment) Answer(fixed bool) (layered.Told, error) {
	list := d.servers
	if fixed {
		list = d.fixedServers
	}
	if s := d.server(list); s != nil {
		return all(s)
	}
	return layered.Told{Behind: true}, nil
}

// server is the first of some, nil if it is down or has not begun.
func (d *Deployment) server(list []engine.NodeID) *speed.Server {
	if len(list) == 0 {
		return nil
	}
	if s, ok := d.Actor(list[0]).(*speed.Server); ok && s.Head() != nil {
		return s
	}
	return nil
}
